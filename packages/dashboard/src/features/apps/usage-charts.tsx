import { Progress, Table, Text } from '@mantine/core'
import { BarChartIcon } from '@radix-ui/react-icons'
import { endpoints, isPorpulsionError, type AppMetrics } from '@porpulsion/contract'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { bytes } from '../../ui/amounts.ts'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { TimeChart } from '../../ui/time-chart.tsx'
import classes from './apps.module.css'
import { addMetrics, amount, cores, seriesOf, type UsageHistory } from './usage-samples.ts'

const EVERY_MS = 10_000
/** Whatever is asked: clusters measure no oftener. */
const PACE = 'The next comes within a minute.'

interface UsageSource {
  readonly kind: 'RemoteApp' | 'ExecutingApp'
  readonly id: string
}

/** Each answer is put to those before it, for as long as the tab is open, and a little longer. */
const usageOf = ({ kind, id }: UsageSource) =>
  queryOptions({
    queryKey: [...keys.app, id, 'metrics', kind],
    queryFn: async ({ signal, client, queryKey }): Promise<UsageHistory> => {
      const input = { params: { id }, signal }
      const latest =
        kind === 'RemoteApp'
          ? await call(endpoints.getAppMetrics, input)
          : await call(endpoints.getExecutingAppMetrics, input)
      return addMetrics(client.getQueryData<UsageHistory>(queryKey), latest)
    },
    // What cannot be measured now may be once the operator installs what measures it; that is no hurry.
    refetchInterval: (query) => (query.state.status === 'error' ? 6 * EVERY_MS : EVERY_MS),
    staleTime: EVERY_MS,
  })

/** CPU and memory of each pod, live. `peer`: whose cluster measures it; this one, if left out. */
export function UsageCharts({ source, peer }: { source: UsageSource; peer?: string }) {
  const usage = useQuery(usageOf(source))
  if (isPorpulsionError(usage.error) && usage.error.code === 'MetricsUnavailable')
    return <NoMetrics peer={peer} says={usage.error.message} />
  return <QueryState query={usage}>{(history) => <Charts history={history} />}</QueryState>
}

function NoMetrics({ peer, says }: { peer: string | undefined; says: string }) {
  return (
    <EmptyState
      icon={<BarChartIcon width={28} height={28} />}
      title={`${peer ?? 'This cluster'} does not measure what pods use`}
    >
      Install metrics-server in {peer === undefined ? 'it' : `the cluster of ${peer}`} (or anything
      that answers metrics.k8s.io), and CPU and memory of each pod are drawn here.
      <Text size="xs" mt="xs" className="foreign">
        {says}
      </Text>
    </EmptyState>
  )
}

function Charts({ history: { latest, samples } }: { history: UsageHistory }) {
  const times = samples.map(({ timeMs }) => timeMs)
  if (latest.pods.length === 0)
    return (
      <EmptyState icon={<BarChartIcon width={28} height={28} />} title="Nothing is measured yet">
        A new pod appears after up to a minute.
      </EmptyState>
    )
  return (
    <div className={classes['grid']}>
      <Card title="CPU">
        <TimeChart
          label="CPU of each pod"
          times={times}
          series={seriesOf(samples, 'cores')}
          format={cores}
          pace={PACE}
        />
      </Card>
      <Card title="Memory">
        <TimeChart
          label="Memory of each pod"
          times={times}
          series={seriesOf(samples, 'bytes')}
          format={bytes}
          pace={PACE}
        />
      </Card>
      <PodTable metrics={latest} />
    </div>
  )
}

function PodTable({ metrics: { pods, limits = {}, windowSeconds } }: { metrics: AppMetrics }) {
  return (
    <Card title="Now">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Pod</Table.Th>
            <Table.Th>CPU</Table.Th>
            <Table.Th>Memory</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {pods.map((pod) => (
            <Table.Tr key={pod.name}>
              <Table.Th scope="row" fw={500} className="foreign">
                {pod.name}
              </Table.Th>
              <Table.Td>
                <Used
                  used={pod.cpu}
                  limit={limits.cpu}
                  format={cores}
                  what={`CPU of ${pod.name}`}
                />
              </Table.Td>
              <Table.Td>
                <Used
                  used={pod.memory}
                  limit={limits.memory}
                  format={bytes}
                  what={`Memory of ${pod.name}`}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed">
        Measured over {Math.round(windowSeconds)} s by the cluster that runs it, read every ten
        seconds while this is open.
      </Text>
    </Card>
  )
}

interface UsedProps {
  readonly used: string
  readonly limit: string | undefined
  readonly format: (value: number) => string
  readonly what: string
}

function Used({ used, limit, format, what }: UsedProps) {
  const value = amount(used)
  if (limit === undefined)
    return (
      <Text span size="sm" className="tabular">
        {format(value)}
      </Text>
    )
  const share = (100 * value) / amount(limit)
  return (
    <>
      <Text span size="sm" className="tabular">
        {format(value)}{' '}
        <Text span size="xs" c="dimmed">
          of {format(amount(limit))}
        </Text>
      </Text>
      <Progress size={4} value={share} color={share > 90 ? 'red' : 'ocean'} aria-label={what} />
    </>
  )
}
