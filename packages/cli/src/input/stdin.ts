import { addAbortSignal } from 'node:stream'
import { PorpulsionError } from '@porpulsion/contract'
import type { Io } from '../io.ts'

/** More than the largest thing anyone pipes into us: an app with a megabyte of configuration. */
const maxStdinBytes = 16 * 1024 * 1024

export async function readStdin({ stdin, signal }: Io): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of addAbortSignal(signal, stdin) as AsyncIterable<Buffer | string>) {
      const buffer = Buffer.from(chunk)
      bytes += buffer.length
      if (bytes > maxStdinBytes) throw tooLong()
      chunks.push(buffer)
    }
  } catch (error) {
    if (signal.aborted) throw new PorpulsionError('Aborted', 'RequestAborted', 'Interrupted')
    throw error
  }
  return Buffer.concat(chunks).toString('utf8')
}

const tooLong = (): PorpulsionError =>
  new PorpulsionError('Invalid', 'ManifestInvalid', `stdin is longer than ${maxStdinBytes} bytes`)
