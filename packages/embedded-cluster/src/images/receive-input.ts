/** The container's end of its FIFO: hands what attached clients send to the program. */
import { constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { InputReader } from './input-frames.ts'

export interface InputTarget {
  readonly stdin: Writable
  readonly resize: (size: { readonly columns: number; readonly rows: number }) => void
}

/**
 * Open from here on, for clients that come and go: it is opened for writing as well, so it never ends. A program that
 * does not read holds back whoever writes; one that has closed its input does not, and what comes is dropped.
 */
export function receiveInput(fifo: string, { stdin, resize }: InputTarget): void {
  const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK)
  const source = new Socket({ fd, readable: true, writable: false })
  const reader = new InputReader()
  const resume = (): void => {
    source.resume()
  }
  // The program may end, or close its input, without reading what it is given.
  stdin.on('error', resume)
  stdin.on('close', resume)
  stdin.on('drain', resume)
  source.on('data', (chunk: Buffer) => {
    for (const frame of reader.read(chunk)) {
      if (frame.kind === 'size') resize(frame)
      else if (!stdin.writable) continue
      else if (frame.kind === 'end') stdin.end()
      else if (!stdin.write(frame.bytes)) source.pause()
    }
  })
}
