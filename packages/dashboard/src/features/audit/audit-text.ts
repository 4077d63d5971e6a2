/** Entries as files: one JSON object a line, or a table for a spreadsheet. */
import type { AuditEntry } from '@porpulsion/contract'

export const auditNdjson = (items: readonly AuditEntry[]): string =>
  items.map((entry) => `${JSON.stringify(entry)}\n`).join('')

const columns = [
  'time',
  'actor',
  'action',
  'about',
  'peer',
  'outcome',
  'reason',
  'from',
  'count',
  'changes',
] as const satisfies readonly (keyof AuditEntry)[]

export function auditCsv(items: readonly AuditEntry[]): string {
  const rows = items.map((entry) => columns.map((column) => cell(textOf(entry[column]))))
  return [columns, ...rows].map((row) => `${row.join(',')}\r\n`).join('')
}

const textOf = (value: string | number | readonly string[] | undefined): string =>
  value === undefined ? '' : typeof value === 'object' ? value.join(' ') : String(value)

/** Quoted, and never a formula: peers choose some of these words, and a spreadsheet would run them. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${safe.replaceAll('"', '""')}"`
}
