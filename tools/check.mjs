/**
 * `npm run check`: every gate. Linting takes as long as all the others together, so they run beside it; what one of
 * them has to say is printed when it has ended. Stops at the first that fails.
 */
import { spawn } from 'node:child_process'

const lanes = [
  ['lint'],
  ['format:check', 'typecheck', 'boundaries', 'deadcode', 'gen:check', 'docs:check'],
]
const running = new Set()
let failed = false

await Promise.all(lanes.map(run))
process.exit(failed ? 1 : 0)

async function run(gates) {
  for (const gate of gates) {
    if (failed) return
    const { code, said } = await npmRun(gate)
    // The one that was ended because another failed has nothing to say.
    if (failed) return
    process.stdout.write(said)
    if (code === 0) continue
    failed = true
    process.stdout.write(`${gate} failed\n`)
    for (const child of running) child.kill()
  }
}

function npmRun(gate) {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', gate], { stdio: ['ignore', 'pipe', 'pipe'] })
    running.add(child)
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (said += text))
    child.once('error', reject)
    child.once('close', (code) => {
      running.delete(child)
      resolve({ code, said })
    })
  })
}
