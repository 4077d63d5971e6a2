import { PorpulsionError, type Approval } from '@porpulsion/contract'
import type { ApiHandlers } from '../api/index.ts'
import type { ApprovalSource } from './approval-source.ts'

export function approvalHandlers(deps: {
  readonly sources: readonly ApprovalSource[]
  /** What waits is different from now on. */
  readonly onDecision: () => void
}): ApiHandlers {
  const { sources, onDecision } = deps

  /** Ids are made so that no two sources have the same. */
  async function ask<T>(
    id: string,
    question: (source: ApprovalSource) => Promise<T | undefined>,
  ): Promise<T> {
    for (const source of sources) {
      const answer = await question(source)
      if (answer !== undefined) return answer
    }
    throw new PorpulsionError(
      'NotFound',
      'ApprovalNotFound',
      `Nothing waits here as "${id}": it was withdrawn, or changed since you looked; see \`porpulsion approval list\``,
    )
  }

  const decide =
    (approved: boolean): NonNullable<ApiHandlers['approve']> =>
    async ({ params, body, caller, signal }) => {
      const verdict = {
        approved,
        by: caller.name,
        ...(body.note !== undefined && { note: body.note }),
      }
      const id = params['id'] ?? ''
      const decided = await ask(id, (source) => source.decide(id, verdict, signal))
      onDecision()
      return decided
    }

  return {
    listApprovals: ({ query }) =>
      Promise.resolve({
        items: sources
          .flatMap((source) => source.list())
          .filter(({ peer }) => query.peer === undefined || peer === query.peer)
          .sort(pendingFirst),
      }),
    getApproval: ({ params, signal }) => {
      const id = params['id'] ?? ''
      return ask(id, (source) => source.show(id, signal))
    },
    approve: decide(true),
    reject: decide(false),
  }
}

/** Then the oldest. */
function pendingFirst(a: Approval, b: Approval): number {
  const waits = ({ state }: Approval): number => (state === 'Pending' ? 0 : 1)
  return waits(a) - waits(b) || (a.since < b.since ? -1 : 1)
}
