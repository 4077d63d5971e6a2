// @ts-check
/** Runs other programs: quietly, into the log, and ended with us. */
import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'

/** How much of what a program said is shown when it failed; the log has all of it. */
const shownLines = 25

/** A program that could not be started, or ended with anything but 0. */
export class CommandFailed extends Error {
  /** @param {string} message @param {{ readonly code: string | number, readonly output: string }} details */
  constructor(message, { code, output }) {
    super(message)
    /** The exit code, a signal's name, or `ENOENT` where there is no such program. */
    this.code = code
    this.output = output
  }
}

/**
 * @typedef {object} RunOptions
 * @property {NodeJS.ProcessEnv} [env] beside ours
 * @property {string} [input]
 * @property {number} [timeoutMs]
 * @property {boolean} [isSecret] what it prints is no business of the log's
 */

/** @typedef {(command: string, args: readonly string[], options?: RunOptions) => Promise<string>} Run */

/**
 * @param {{ readonly logFile: string | undefined, readonly cwd: string, readonly signal: AbortSignal }} options
 * @returns {Run} what the program wrote to its standard output
 */
export function createRun({ logFile, cwd, signal }) {
  const log = (/** @type {string | Buffer} */ text) => {
    if (logFile !== undefined) appendFileSync(logFile, text)
  }
  return (command, args, { env, input = '', timeoutMs = 0, isSecret = false } = {}) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const shown = [command, ...args].join(' ')
      log(`\n$ ${shown}\n`)
      const child = spawn(command, args, {
        cwd,
        env: { ...process.env, ...env },
        // Not `timeout`: its timer would keep us alive where there is no such program.
        signal: timeoutMs > 0 ? AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) : signal,
      })
      let stdout = ''
      let output = ''
      const collect = (/** @type {Buffer} */ chunk) => {
        output += String(chunk)
        if (!isSecret) log(chunk)
      }
      child.stdout.on('data', (chunk) => (stdout += String(chunk))).on('data', collect)
      child.stderr.on('data', collect)
      const fail = (/** @type {string | number} */ code) => {
        const tail = output.trimEnd().split('\n').slice(-shownLines).join('\n')
        reject(new CommandFailed(`${shown} ended with ${code}\n${tail}`, { code, output }))
      }
      child.once('error', (error) => fail('code' in error ? String(error.code) : error.message))
      child.once('close', (code, by) => (code === 0 ? resolve(stdout) : fail(code ?? by ?? '?')))
      child.stdin.on('error', () => undefined) // it may end without having read what it was given
      child.stdin.end(input)
    })
}
