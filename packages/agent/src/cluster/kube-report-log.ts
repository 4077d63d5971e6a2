import { isUnavailable, KubeError, type ReportSink } from '@porpulsion/kube'
import type { Clock, Logger } from '../observability/index.ts'

/** All watches lose an API server that goes, each with its own words. */
const QUIET_MS = 60_000

/** What the controller kit has to say, as log lines: trouble once when it begins, not on every repeat. */
export function reportToLog(logger: Logger, clock: Pick<Clock, 'now'>): ReportSink {
  let quietUntil = -Infinity
  /** A refusal concerns one resource, and is said for each; an API server that is away concerns all alike. */
  const isWorthSaying = (error: unknown, attempt: number): boolean => {
    if (error instanceof KubeError && !isUnavailable(error)) return attempt <= 1
    if (clock.now() < quietUntil) return false
    quietUntil = clock.now() + QUIET_MS
    return true
  }
  return (report) => {
    switch (report.kind) {
      case 'listed':
        logger.debug({ resource: report.resource, objects: report.objects }, 'Listed resource')
        return
      case 'watch-failed': {
        const { resource, error: err, attempt, delayMs } = report
        const level = isWorthSaying(err, attempt) ? 'warn' : 'debug'
        logger[level]({ err, resource, attempt, delayMs }, 'Lost a watch')
        return
      }
      case 'relisting':
        logger.debug({ err: report.error, resource: report.resource }, 'Relisting resource')
        return
      case 'listener-failed':
        logger.error({ err: report.error, resource: report.resource }, 'Event listener failed')
        return
      case 'reconcile-failed': {
        const { queue, key, error: err, attempt, delayMs } = report
        const isNews = attempt <= 1 && (!isUnavailable(err) || isWorthSaying(err, attempt))
        const level = isNews ? 'warn' : 'debug'
        logger[level]({ err, queue, key, attempt, delayMs }, 'Reconcile failed')
        return
      }
      case 'reconcile-abandoned':
        logger.error(
          { queue: report.queue, keys: report.keys },
          'Abandoned a reconcile that ignored its signal',
        )
        return
      case 'event-dropped':
        logger.warn({ err: report.error, reason: report.reason }, 'Dropped an event')
        return
      default:
        report satisfies never
    }
  }
}
