/**
 * The pod that is measured: an HTTP server over bare sockets, so that it costs little beside the paths that lead to it.
 * `GET /bytes/N` answers N bytes, `POST /upload` swallows a body of announced length and answers how much came.
 *
 * Usage: tsx bench/origin.ts <port>; listens at `HOST`.
 */
import { createServer, type Socket } from 'node:net'

const [, , port = '8080'] = process.argv
const block = Buffer.alloc(64 * 1024, 'porpulsion ')
const smallBytes = 16 * 1024
/** Whole answers of small sizes; there are only as many as sizes were asked for. */
const small = new Map<number, Buffer>()

createServer({ noDelay: true }, (socket) => serve(socket)).listen(Number(port), process.env['HOST'])

/** One request after the other: clients here wait for their answer. */
function serve(socket: Socket): void {
  let head = ''
  let bodyLeft = 0
  let bodyBytes = 0
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    if (bodyLeft > 0) {
      swallow(chunk.length)
      return
    }
    head += chunk.toString('latin1')
    const end = head.indexOf('\r\n\r\n')
    if (end === -1) return
    const request = head.slice(0, end)
    const early = head.length - end - 4
    head = ''
    const bytes = /^GET \/bytes\/(\d+)/.exec(request)?.[1]
    if (bytes === undefined) {
      bodyBytes = bodyLeft = Number(/^content-length: *(\d+)/im.exec(request)?.[1] ?? 0)
      swallow(early)
    } else send(socket, Number(bytes))
  })

  function swallow(bytes: number): void {
    bodyLeft -= bytes
    if (bodyLeft > 0) return
    const text = String(bodyBytes)
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`)
  }
}

function send(socket: Socket, bytes: number): void {
  if (bytes > smallBytes) {
    socket.write(headOf(bytes))
    sendBlocks(socket, bytes)
    return
  }
  let answer = small.get(bytes)
  if (answer === undefined) {
    answer = Buffer.concat([Buffer.from(headOf(bytes)), block.subarray(0, bytes)])
    small.set(bytes, answer)
  }
  socket.write(answer)
}

function sendBlocks(socket: Socket, left: number): void {
  let hasRoom = true
  while (left > 0 && hasRoom) {
    const piece = left >= block.length ? block : block.subarray(0, left)
    left -= piece.length
    hasRoom = socket.write(piece)
  }
  if (left > 0) socket.once('drain', () => sendBlocks(socket, left))
}

function headOf(bytes: number): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: ${bytes}\r\n\r\n`
}
