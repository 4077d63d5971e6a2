import { pipeline, Transform, type TransformCallback } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { GatheredBytes } from '../api/index.ts'

/** Bodies reach Fastify, which keeps every piece until the last, in pieces that are worth their memory. */
export function gatherBodies(app: FastifyInstance): void {
  app.addHook('preParsing', (_request, _reply, payload, done) => {
    // What breaks off is an error of the stream that is read: told there.
    done(
      null,
      pipeline(payload, new Gathering(), () => undefined),
    )
  })
}

/** Large enough that Fastify keeps a hundred of them for the largest body there may be. */
const pieceBytes = 64 * 1024

class Gathering extends Transform {
  readonly #bytes = new GatheredBytes()

  override _transform(piece: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#bytes.push(piece)
    done(null, this.#bytes.length >= pieceBytes ? this.#bytes.take() : undefined)
  }

  override _flush(done: TransformCallback): void {
    done(null, this.#bytes.length === 0 ? undefined : this.#bytes.take())
  }
}
