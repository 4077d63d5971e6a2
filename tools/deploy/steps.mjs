// @ts-check
/** Says what is being done, and how long it took. */

/**
 * @typedef {object} Steps
 * @property {(line?: string) => void} print
 * @property {<T>(what: string, work: (say: (more: string) => void) => Promise<T>) => Promise<T>} run
 */

/**
 * @param {{ readonly write: (text: string) => unknown, readonly nowMs: () => number }} deps
 * @returns {Steps}
 */
export function createSteps({ write, nowMs }) {
  const print = (line = '') => void write(`${line}\n`)
  return {
    print,
    async run(what, work) {
      const sinceMs = nowMs()
      const took = () => `${((nowMs() - sinceMs) / 1_000).toFixed(1)} s`
      let more = ''
      print(`· ${what}…`)
      try {
        const result = await work((text) => (more = `: ${text}`))
        print(`✓ ${what}${more} (${took()})`)
        return result
      } catch (error) {
        print(`✗ ${what} (after ${took()})`)
        throw error
      }
    },
  }
}
