import { createCipheriv, createHmac } from 'node:crypto'

/**
 * The client's sealed records of one TLS 1.3 connection, made by hand: Node has no call for KeyUpdate, and a peer that
 * means harm needs none.
 */
export class SealedRecords {
  #secret: Buffer
  #sequence: bigint

  /** `keyLog`: the line CLIENT_TRAFFIC_SECRET_0 of the connection. `sent`: records under that secret so far. */
  constructor(keyLog: string, sent: number) {
    this.#secret = Buffer.from(keyLog.trim().split(' ')[2] ?? '', 'hex')
    this.#sequence = BigInt(sent)
  }

  /** One message that asks for new keys both ways; all records after it are sealed with the next ones. */
  keyUpdate(): Buffer {
    const [handshake, keyUpdate, updateRequested] = [22, 24, 1]
    const record = this.#seal(Buffer.of(keyUpdate, 0, 0, 1, updateRequested), handshake)
    this.#secret = this.#expand('traffic upd', this.#secret.length)
    this.#sequence = 0n
    return record
  }

  #seal(content: Buffer, contentType: number): Buffer {
    const key = this.#expand('key', 32)
    const nonce = this.#expand('iv', 12)
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ this.#sequence, 4)
    this.#sequence += 1n
    const plain = Buffer.concat([content, Buffer.of(contentType)])
    const header = Buffer.of(23, 3, 3, 0, plain.length + 16)
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(header)
    return Buffer.concat([header, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }

  /** HKDF-Expand-Label of RFC 8446, for one block. */
  #expand(label: string, length: number): Buffer {
    const name = Buffer.from(`tls13 ${label}`)
    const info = Buffer.concat([Buffer.of(0, length, name.length), name, Buffer.of(0, 1)])
    return createHmac('sha384', this.#secret).update(info).digest().subarray(0, length)
  }
}
