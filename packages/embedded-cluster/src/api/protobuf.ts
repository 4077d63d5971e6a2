/**
 * Objects of built-in kinds in Kubernetes' protobuf encoding, as kubectl and helm send them since 1.35. Requests are
 * read; answers are always JSON, which the same clients accept.
 *
 * The table has a line per type: fields with their numbers, `+Type=n` for an embedded one whose fields stand in its
 * owner's JSON. The sender writes every field that is not a pointer, also one that was never set, so a zero means
 * absent, except where marked: `*` pointer (set, even if zero), `#` bytes, `%` a time with fractions.
 */
import { badRequest } from '../registry/api-error.ts'
import type { BuiltinShapes } from '../registry/builtin-shapes.ts'
import { isObject, type JsonObject, setOwn } from '../registry/json.ts'
import { timestamp } from '../registry/metadata.ts'
import type { ObjectShape, ScalarType, Shape } from '../registry/shape.ts'
import { protobufFields } from './protobuf-fields.gen.ts'
import { ProtobufError, readFields, readVarint, type WireField } from './protobuf-wire.ts'

const magic = Buffer.from('k8s\0', 'latin1')
/** Deeper than any built-in type; what a client sends must not exhaust the stack. */
const maxDepth = 40

interface FieldCode {
  readonly name: string
  /** Type whose fields are embedded here. */
  readonly embedded: string | undefined
  readonly mark: string
}

export class ProtobufDecoder {
  readonly #shapes: BuiltinShapes
  readonly #codes = new Map<string, ReadonlyMap<number, FieldCode>>()

  constructor(shapes: BuiltinShapes) {
    this.#shapes = shapes
  }

  /** The object as JSON has it; an empty body is an empty object. */
  decode(body: Buffer): JsonObject {
    if (body.length === 0) return {}
    if (!body.subarray(0, magic.length).equals(magic)) {
      throw badRequest(
        'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
      )
    }
    try {
      return this.#envelope(body.subarray(magic.length))
    } catch (error) {
      if (error instanceof ProtobufError)
        throw badRequest(`couldn't read the protobuf message: ${error.message}`)
      throw error
    }
  }

  /** `runtime.Unknown`: what it is, and the bytes of it. */
  #envelope(bytes: Buffer): JsonObject {
    const parts = new Map(readFields(bytes).map(({ number, value }) => [number, value]))
    const type = parts.get(1)
    const raw = parts.get(2)
    const names = new Map(
      (Buffer.isBuffer(type) ? readFields(type) : []).map(({ number, value }) => [
        number,
        textOf(value),
      ]),
    )
    const apiVersion = names.get(1) ?? ''
    const kind = names.get(2) ?? ''
    const typeName = typeNameOf(apiVersion, kind)
    if (protobufFields[typeName] === undefined) {
      throw badRequest(`no kind "${kind}" of "${apiVersion}" is read as protobuf; send it as JSON`)
    }
    const object = this.#message(
      Buffer.isBuffer(raw) ? raw : Buffer.alloc(0),
      typeName,
      this.#shapes.of(typeName),
      0,
    )
    return { ...object, apiVersion, kind }
  }

  #message(bytes: Buffer, typeName: string, shape: ObjectShape, depth: number): JsonObject {
    const target: JsonObject = {}
    this.#readInto(target, bytes, typeName, shape, depth)
    return target
  }

  #readInto(
    target: JsonObject,
    bytes: Buffer,
    typeName: string,
    shape: ObjectShape,
    depth: number,
  ): void {
    if (depth > maxDepth) throw new ProtobufError('the message is nested too deeply')
    const codes = this.#codesOf(typeName)
    for (const field of readFields(bytes)) {
      const code = codes.get(field.number)
      if (code === undefined) continue
      if (code.embedded !== undefined) {
        this.#readInto(target, bytesOf(field), code.embedded, shape, depth + 1)
        continue
      }
      const member = shape.field(code.name)
      if (member !== undefined) this.#add(target, code, field, member, shape, depth)
    }
  }

  #add(
    target: JsonObject,
    code: FieldCode,
    field: WireField,
    member: Shape,
    owner: ObjectShape,
    depth: number,
  ): void {
    const { name, mark } = code
    if (member.kind === 'list') {
      const list = Array.isArray(target[name]) ? (target[name] as unknown[]) : []
      list.push(...this.#items(field, member.items, mark, depth))
      setOwn(target, name, list)
    } else if (member.kind === 'map') {
      const map = isObject(target[name]) ? target[name] : {}
      const [key, value] = this.#entry(bytesOf(field), member.values, mark, depth)
      setOwn(map, key, value)
      setOwn(target, name, map)
    } else {
      const value = this.#value(field, member, mark, depth)
      const isKept = mark === '*' || owner.required.includes(name) || !isZero(value)
      if (isKept && value !== undefined) setOwn(target, name, value)
    }
  }

  /** A list is one field per element; numbers may also come packed in one. */
  #items(field: WireField, items: Shape, mark: string, depth: number): unknown[] {
    const isPacked =
      items.kind === 'scalar' && items.type === 'integer' && Buffer.isBuffer(field.value)
    if (!isPacked) return [this.#value(field, items, mark, depth)]
    const bytes = bytesOf(field)
    const numbers: number[] = []
    for (let at = 0; at < bytes.length;) {
      const { value, end } = readVarint(bytes, at)
      numbers.push(Number(BigInt.asIntN(64, value)))
      at = end
    }
    return numbers
  }

  #entry(bytes: Buffer, values: Shape, mark: string, depth: number): [string, unknown] {
    const parts = new Map(readFields(bytes).map((field) => [field.number, field]))
    const key = parts.get(1)
    const value = parts.get(2) ?? { number: 2, value: Buffer.alloc(0) }
    return [key === undefined ? '' : textOf(key.value), this.#value(value, values, mark, depth)]
  }

  #value(field: WireField, shape: Shape, mark: string, depth: number): unknown {
    switch (shape.kind) {
      case 'scalar':
        return scalar(field, shape.type, mark)
      case 'object':
        if (shape.typeName === undefined) return {}
        return this.#message(bytesOf(field), shape.typeName, shape, depth + 1)
      case 'map':
        // Only fields are maps in built-in kinds, and those are read by their entries.
        return {}
      case 'any':
        return rawJson(bytesOf(field))
      case 'list':
        return this.#items(field, shape.items, mark, depth)
      default:
        return shape satisfies never
    }
  }

  #codesOf(typeName: string): ReadonlyMap<number, FieldCode> {
    let codes = this.#codes.get(typeName)
    if (codes === undefined) {
      codes = parseCodes(protobufFields[typeName] ?? '')
      this.#codes.set(typeName, codes)
    }
    return codes
  }
}

function parseCodes(line: string): ReadonlyMap<number, FieldCode> {
  const codes = new Map<number, FieldCode>()
  for (const text of line.split(' ')) {
    const match = /^(\+?)([\w.]+)=(\d+)([*#%]?)$/.exec(text)
    if (match === null) continue
    const [, plus, name = '', number, mark = ''] = match
    codes.set(Number(number), { name, mark, embedded: plus === '+' ? name : undefined })
  }
  return codes
}

/** `apps/v1 Deployment` → `apps.Deployment`; the options of a deletion carry the group of what is deleted. */
function typeNameOf(apiVersion: string, kind: string): string {
  if (kind === 'DeleteOptions') return 'meta.DeleteOptions'
  const slash = apiVersion.indexOf('/')
  const group = slash < 0 ? 'core' : (apiVersion.slice(0, slash).split('.')[0] ?? '')
  return `${group}.${kind}`
}

function scalar({ value }: WireField, type: ScalarType, mark: string): unknown {
  if (mark === '#') return Buffer.isBuffer(value) ? value.toString('base64') : ''
  switch (type) {
    case 'string':
    case 'bytes':
      return textOf(value)
    case 'integer':
    case 'number':
      return Buffer.isBuffer(value) ? 0 : Number(value)
    case 'boolean':
      return !Buffer.isBuffer(value) && value !== 0n
    case 'quantity':
      return textOf(firstField(value, 1) ?? Buffer.alloc(0))
    case 'int-or-string':
      return intOrString(value)
    case 'time':
      return time(value, mark === '%')
    default:
      return type satisfies never
  }
}

/** A choice (1), the number (2) and the text (3). */
function intOrString(value: bigint | Buffer): number | string {
  const isText = firstField(value, 1) === 1n
  const found = firstField(value, isText ? 3 : 2)
  if (isText) return found === undefined ? '' : textOf(found)
  return typeof found === 'bigint' ? Number(found) : 0
}

/** Seconds (1) and nanoseconds (2); all zero means no time. */
function time(value: bigint | Buffer, withFraction: boolean): string | undefined {
  const seconds = firstField(value, 1)
  if (typeof seconds !== 'bigint' || seconds === 0n) return undefined
  const whole = timestamp(Number(seconds) * 1_000)
  if (!withFraction) return whole
  const nanos = firstField(value, 2)
  const micros = Math.floor(Number(typeof nanos === 'bigint' ? nanos : 0n) / 1_000)
  return `${whole.slice(0, -1)}.${String(micros).padStart(6, '0')}Z`
}

/** Free-form JSON travels as JSON. */
function rawJson(bytes: Buffer): unknown {
  const raw = firstField(bytes, 1)
  if (!Buffer.isBuffer(raw)) return undefined
  try {
    return JSON.parse(raw.toString('utf8'))
  } catch {
    throw new ProtobufError('embedded JSON cannot be read')
  }
}

function firstField(value: bigint | Buffer, number: number): bigint | Buffer | undefined {
  if (!Buffer.isBuffer(value)) return undefined
  return readFields(value).find((field) => field.number === number)?.value
}

function bytesOf({ value }: WireField): Buffer {
  if (Buffer.isBuffer(value)) return value
  throw new ProtobufError('a number stands where a message should')
}

function textOf(value: bigint | Buffer): string {
  return Buffer.isBuffer(value) ? value.toString('utf8') : ''
}

/** What an unset field that is not a pointer looks like. */
function isZero(value: unknown): boolean {
  if (value === undefined || value === '' || value === 0 || value === false) return true
  return isObject(value) && Object.keys(value).length === 0
}
