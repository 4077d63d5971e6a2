/**
 * Sends many bodies at once and says what came back, in a process of its own so that it does not disturb what else is
 * measured. Usage: tsx upload-bodies.ts <JSON of UploadOrder>; prints JSON of UploadOutcome.
 */
import { createHash } from 'node:crypto'
import { Agent, request } from 'node:http'

export interface UploadOrder {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly bodies: number
  readonly bytes: number
}

export interface UploadOutcome {
  /** Bodies whose length and hash came back right. */
  readonly intact: number
  readonly seconds: number
}

const order = JSON.parse(process.argv[2] ?? '') as UploadOrder // given by the test that starts this
const agent = new Agent({ keepAlive: true })
const started = performance.now()
const sent = Array.from({ length: order.bodies }, (_, index) =>
  sendOne(Buffer.alloc(order.bytes, index + 1)),
)
const intact = (await Promise.all(sent)).filter(Boolean).length
const outcome: UploadOutcome = { intact, seconds: (performance.now() - started) / 1_000 }
process.stdout.write(JSON.stringify(outcome))
agent.destroy()

async function sendOne(body: Buffer): Promise<boolean> {
  const expected = { length: body.length, sha256: createHash('sha256').update(body).digest('hex') }
  const answer = JSON.parse(await upload(body)) as typeof expected // compared field by field below
  return answer.length === expected.length && answer.sha256 === expected.sha256
}

function upload(body: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { ...order.headers, 'content-length': body.length }
    const call = request(order.url, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve(text))
      response.on('error', reject)
    })
    call.on('error', reject)
    call.end(body)
  })
}
