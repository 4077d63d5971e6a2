import { isConflict } from './kube-error.ts'

/** Each loss means that somebody else won: this many in a row is a fight, and the caller's backoff settles it better. */
const maxAttempts = 5

/** For read-modify-write: `attempt` reads anew each time. */
export async function retryOnConflict<R>(attempt: () => Promise<R>): Promise<R> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt()
    } catch (error) {
      if (!isConflict(error) || attempts === maxAttempts) throw error
    }
  }
}
