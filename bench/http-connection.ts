/** A client's connection, over a bare socket: what it costs must not hide what the paths cost. */
import { connect, type Socket } from 'node:net'
import type { Target } from './paths/path.ts'

/** What is asked of one connection: one exchange at a time. */
export class HttpConnection {
  readonly #socket: Socket
  readonly #path: string
  readonly #hostHeaders: string
  #head = ''
  #bodyLeft = 0
  #onAnswer: ((error?: Error) => void) | undefined

  private constructor(socket: Socket, { path, headers }: Target) {
    this.#socket = socket
    this.#path = path
    this.#hostHeaders = Object.entries({ host: 'bench', ...headers })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('error', (error) => this.#answered(error))
    socket.on('close', () => this.#answered(new Error('the connection ended')))
  }

  static open(target: Target): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: target.host, port: target.port, noDelay: true })
      const fail = (error: Error): void => reject(new Error(`${target.path}: ${error.message}`))
      socket.once('error', fail)
      socket.once('connect', () => {
        socket.off('error', fail)
        resolve(new HttpConnection(socket, target))
      })
    })
  }

  /** A request as bytes, to be sent many times. */
  getBytes(bytes: number): Buffer {
    return Buffer.from(`GET /bytes/${bytes} HTTP/1.1\r\n${this.#hostHeaders}\r\n`)
  }

  /** `done` is called once the whole answer is here. */
  exchange(request: Buffer, done: (error?: Error) => void): void {
    this.#onAnswer = done
    this.#socket.write(request)
  }

  download(bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.exchange(this.getBytes(bytes), (error) => (error ? reject(error) : resolve()))
    })
  }

  upload(bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const head = `POST /upload HTTP/1.1\r\n${this.#hostHeaders}content-length: ${bytes}\r\n\r\n`
      this.exchange(Buffer.from(head), (error) => (error ? reject(error) : resolve()))
      this.#sendBody(bytes)
    })
  }

  /** Ends it; who waits for an answer is told why. */
  fail(error: Error): void {
    this.#answered(error)
    this.#socket.destroy()
  }

  close(): void {
    this.#onAnswer = undefined
    this.#socket.destroy()
  }

  #sendBody(left: number): void {
    let hasRoom = true
    while (left > 0 && hasRoom) {
      const piece = left >= block.length ? block : block.subarray(0, left)
      left -= piece.length
      hasRoom = this.#socket.write(piece)
    }
    if (left > 0) this.#socket.once('drain', () => this.#sendBody(left))
  }

  #onData(chunk: Buffer): void {
    if (this.#bodyLeft > 0) this.#bodyArrived(chunk.length)
    else this.#headArrived(chunk)
  }

  #headArrived(chunk: Buffer): void {
    // A head is here with its first packet but for a rare one that is cut.
    const end = this.#head === '' ? chunk.indexOf('\r\n\r\n') : -1
    if (end !== -1) {
      this.#answerBegins(chunk.toString('latin1', 0, end), chunk.length - end - 4)
      return
    }
    this.#head += chunk.toString('latin1')
    const endOfAll = this.#head.indexOf('\r\n\r\n')
    if (endOfAll === -1) return
    const head = this.#head
    this.#head = ''
    this.#answerBegins(head.slice(0, endOfAll), head.length - endOfAll - 4)
  }

  #answerBegins(head: string, early: number): void {
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    if (!head.startsWith('HTTP/1.1 200 ') || length === undefined) {
      this.#answered(new Error(`the answer was no success: ${head.slice(0, 200)}`))
      return
    }
    this.#bodyLeft = Number(length)
    this.#bodyArrived(early)
  }

  #bodyArrived(bytes: number): void {
    this.#bodyLeft -= bytes
    if (this.#bodyLeft === 0) this.#answered()
    else if (this.#bodyLeft < 0) this.#answered(new Error('more came than was announced'))
  }

  #answered(error?: Error): void {
    const done = this.#onAnswer
    this.#onAnswer = undefined
    done?.(error === undefined ? undefined : new Error(`${this.#path}: ${error.message}`))
  }
}

const block = Buffer.alloc(64 * 1024, 'upload ')
