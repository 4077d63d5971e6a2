import { Alert, Button, Group, Select, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import type { RemoteApp } from '@porpulsion/contract'
import { PlayIcon, ReloadIcon } from '@radix-ui/react-icons'
import { lazy, Suspense, useRef, useState } from 'react'
import { appId } from '../../api/app-id.ts'
import { quoted } from '../../api/curl.ts'
import { useMay } from '../../api/use-may.ts'
import { CommandsButton } from '../../ui/commands.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import type { ExecEnd } from './exec-socket.ts'
import { shells, wordsOf, type Shell } from './shells.ts'
import classes from './terminal.module.css'

const TerminalScreen = lazy(() => import('./terminal-screen.tsx'))

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting' | 'running' }
  | { readonly kind: 'ended'; readonly end: ExecEnd }

interface AppTerminalProps {
  readonly app: RemoteApp
  readonly pod?: string | undefined
}

/** A shell in a pod of the app. It begins on the user's word: it is written down in both clusters. */
export function AppTerminal({ app, pod: firstPod }: AppTerminalProps) {
  const pods = (app.status?.pods ?? []).map(({ name }) => name)
  const [pod, setPod] = useState(firstPod)
  const [container, setContainer] = useState('')
  const [shell, setShell] = useState<Shell>('automatic')
  const [other, setOther] = useState('')
  const [state, setState] = useState<State>({ kind: 'idle' })
  const [run, setRun] = useState(0)
  const start = useRef<HTMLButtonElement>(null)
  const mayOpen = useMay('operator')
  const command = wordsOf(shell, other)
  const isRunning = state.kind === 'starting' || state.kind === 'running'
  const query = {
    command,
    ...(pod !== undefined && { pod }),
    ...(container !== '' && { container }),
  }

  if (!mayOpen) return <Text>Terminals need the role operator.</Text>
  return (
    <Stack gap="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          setRun(run + 1)
          setState({ kind: 'starting' })
        }}
      >
        <Group gap="xs" align="flex-end">
          <Select
            size="xs"
            w={220}
            label="Pod"
            placeholder="The first that is ready"
            clearable
            data={pods}
            value={pod ?? null}
            onChange={(chosen) => setPod(chosen ?? undefined)}
            clearButtonProps={{ 'aria-label': 'The first that is ready' }}
            disabled={isRunning}
          />
          <TextInput
            size="xs"
            w={140}
            label="Container"
            placeholder="The first"
            value={container}
            onChange={(event) => setContainer(event.currentTarget.value.trim())}
            disabled={isRunning}
          />
          <Select
            size="xs"
            w={170}
            label="Shell"
            data={[...shells]}
            value={shell}
            allowDeselect={false}
            onChange={(value) => value !== null && setShell(value)}
            disabled={isRunning}
          />
          {shell === 'other' && (
            <TextInput
              size="xs"
              w={220}
              label="Command"
              placeholder="python3 -i"
              value={other}
              onChange={(event) => setOther(event.currentTarget.value)}
              disabled={isRunning}
            />
          )}
          <Button
            ref={start}
            type="submit"
            size="xs"
            variant={isRunning ? 'default' : 'filled'}
            leftSection={run === 0 ? <PlayIcon /> : <ReloadIcon />}
            disabled={command.length === 0}
          >
            {startLabel(state, run)}
          </Button>
          <CommandsButton what="A terminal" commands={{ cli: cliOf(app, query) }} />
        </Group>
      </form>
      <Ended state={state} />
      <div className={classes['frame']}>
        {run === 0 ? (
          <Stack className={classes['screen'] ?? ''} align="center" justify="center" gap={4}>
            <Text c="dimmed">A shell in a pod, through the link.</Text>
            <Text c="dimmed" size="sm" ta="center">
              Who opens one is in the audit trail of both clusters. F6 leaves the terminal.
            </Text>
          </Stack>
        ) : (
          <Suspense fallback={<Skeleton className={classes['screen'] ?? ''} />}>
            <TerminalScreen
              key={run}
              id={appId(app)}
              query={query}
              label={`Terminal in ${app.metadata.name}`}
              leaveTo={start}
              onOpen={() => setState({ kind: 'running' })}
              onEnd={(end) => setState({ kind: 'ended', end })}
            />
          </Suspense>
        )}
      </div>
    </Stack>
  )
}

function startLabel(state: State, run: number): string {
  if (state.kind === 'ended') return 'Start again'
  return run === 0 ? 'Open terminal' : 'Start anew'
}

function Ended({ state }: { state: State }) {
  return (
    // There before it is filled: screen readers announce what changes in it.
    <div role="status">
      {state.kind === 'ended' &&
        (state.end.kind === 'failed' ? (
          <ErrorAlert error={state.end.error} />
        ) : (
          <Alert
            role="presentation"
            color={state.end.exitCode === 0 ? 'gray' : 'orange'}
            p="xs"
            title={`The command ended with exit code ${state.end.exitCode}${noShell(state.end.exitCode)}`}
          />
        ))}
    </div>
  )
}

/** As shells and runtimes say it. */
const noShell = (exitCode: number): string =>
  exitCode === 126 || exitCode === 127 ? ': the image may not have it. Try another shell.' : '.'

interface Chosen {
  readonly command: readonly string[]
  readonly pod?: string
  readonly container?: string
}

function cliOf({ metadata }: RemoteApp, { command, pod, container }: Chosen): string {
  return [
    'porpulsion app exec',
    metadata.name,
    ...(metadata.namespace === undefined ? [] : ['-n', metadata.namespace]),
    ...(pod === undefined ? [] : ['--pod', pod]),
    ...(container === undefined ? [] : ['--container', container]),
    '-it --',
    ...command.map(quoted),
  ].join(' ')
}
