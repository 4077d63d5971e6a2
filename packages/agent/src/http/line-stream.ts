import type { ServerResponse } from 'node:http'

/**
 * Writes items as lines of JSON for as long as the reader reads: a slow reader slows the source, one that goes away
 * ends it. A source that fails cuts the answer off, so that nobody takes the part for the whole.
 */
export async function sendLines(
  response: ServerResponse,
  items: AsyncIterable<unknown>,
  signal: AbortSignal,
): Promise<void> {
  // Now, not with the first line, which may be hours away.
  response.flushHeaders()
  const iterator = items[Symbol.asyncIterator]()
  const gone = whenAborted(signal)
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), gone.promise])
      if (next === 'aborted' || next.done === true) break
      if (!response.write(`${JSON.stringify(next.value)}\n`)) await drained(response, gone.promise)
    }
    // Told to stop, this is not the end: whoever reads on resumes elsewhere.
    if (signal.aborted) response.destroy()
    else response.end()
  } catch (error) {
    response.destroy()
    throw error
  } finally {
    gone.forget()
    // Not awaited: a source that hangs in `next` would keep us here, and it has the signal to be told by.
    iterator.return?.().catch(() => undefined)
  }
}

function whenAborted(signal: AbortSignal): {
  readonly promise: Promise<'aborted'>
  readonly forget: () => void
} {
  let onAbort = (): void => undefined
  const promise = new Promise<'aborted'>((resolve) => {
    onAbort = () => resolve('aborted')
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  return { promise, forget: () => signal.removeEventListener('abort', onAbort) }
}

async function drained(response: ServerResponse, gone: Promise<unknown>): Promise<void> {
  let onDrain = (): void => undefined
  const drain = new Promise<void>((resolve) => {
    onDrain = resolve
    response.once('drain', onDrain)
    response.once('close', onDrain)
  })
  await Promise.race([drain, gone])
  response.off('drain', onDrain)
  response.off('close', onDrain)
}
