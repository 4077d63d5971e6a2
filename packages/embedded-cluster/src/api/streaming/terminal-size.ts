import { isObject } from '../../registry/json.ts'
import type { TerminalSize } from '../../registry/ports.ts'

/** A terminal keeps its size in 16 bits. */
const maxCells = 65_535

/** `{"Width": 80, "Height": 24}`; undefined if it is not a size a terminal can have. */
export function readTerminalSize(bytes: Uint8Array): TerminalSize | undefined {
  const size = parse(bytes)
  if (!isObject(size)) return undefined
  const { Width: columns, Height: rows } = size
  return isCells(columns) && isCells(rows) ? { columns, rows } : undefined
}

function isCells(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= maxCells
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}
