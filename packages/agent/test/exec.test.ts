/** Commands over a link between two agents, as they mean it and as a hostile peer means it. */
import { createHash } from 'node:crypto'
import { encodeExecMessage, encodeStdinEnd, ExecChannel } from '@porpulsion/contract'
import { describe, expect, test } from 'vitest'
import { anExecPair, resultOf } from './support/exec-pair.ts'

const stdin = (bytes: Uint8Array) => encodeExecMessage(ExecChannel.Stdin, bytes)

describe('a command at a peer', () => {
  test('says what it writes, on both channels, and its exit code', async () => {
    const { open } = await anExecPair()
    const messages = await open({ command: ['sh', '-c', 'echo out; echo err >&2; exit 7'] })
    const { stdout, stderr, status } = await resultOf(messages)
    expect(stdout.toString()).toBe('out\n')
    expect(stderr).toBe('err\n')
    expect(status).toEqual({ exitCode: 7 })
  })

  test('reads five megabytes of anything to their end, and writes them back', async () => {
    const { open } = await anExecPair()
    const sent = Buffer.alloc(5 * 1024 * 1024)
    for (let at = 0; at < sent.length; at++) sent[at] = (at * 31 + (at >> 8)) % 256
    const messages = await open({ command: ['cat'], stdin: true })
    const write = async (): Promise<void> => {
      for (let at = 0; at < sent.length; at += 65_536)
        if (!messages.write(stdin(sent.subarray(at, at + 65_536))))
          await new Promise((resolve) => messages.once('drain', resolve))
      messages.write(encodeStdinEnd())
    }
    const [{ stdout, status }] = await Promise.all([resultOf(messages), write()])
    const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
    expect(hash(stdout)).toBe(hash(sent))
    expect(status).toEqual({ exitCode: 0 })
  })
})
