import type { ReportSink } from '@porpulsion/kube'
import type { Logger } from '../observability/index.ts'

/** What the controller kit has to say, as log lines: trouble once when it begins, not on every repeat. */
export function reportToLog(logger: Logger): ReportSink {
  return (report) => {
    switch (report.kind) {
      case 'listed':
        logger.debug({ resource: report.resource, objects: report.objects }, 'Listed resource')
        return
      case 'watch-failed': {
        const { resource, error: err, attempt, delayMs } = report
        const level = attempt <= 1 ? 'warn' : 'debug'
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
        const level = attempt <= 1 ? 'warn' : 'debug'
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
