import type { Logger } from '../observability/index.ts'
import type { AuditSink } from './audit-trail.ts'

/** Lines of the agent's log, whatever level it is set to; only `silent` silences them too. */
export function logSink(logger: Logger): AuditSink {
  const level = logger.level === 'silent' ? 'silent' : 'info'
  const log = logger.child({ component: 'audit' }, { level })
  return { write: (audit) => log.info({ audit }, 'Audit') }
}
