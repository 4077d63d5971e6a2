/** What is set in a part of the form, in a few words: for when it is folded. */
import { isRecord, textOf, valueAt } from './field-path.ts'
import { labelOf, singleOf } from './form-schema.ts'

const MAX_NAMES = 3

/** Of some fields of a spec; empty when none of them is set. */
export function summaryOf(spec: unknown, fields: readonly string[]): string {
  return fields
    .flatMap((field) => {
      const text = summaryOfField(field, valueAt(spec, [field]))
      return text === '' ? [] : [text]
    })
    .join(' · ')
}

function summaryOfField(field: string, value: unknown): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return summaryOfList(field, value)
  if (!isRecord(value)) return `${labelOf(field)}: ${textOf(value)}`
  if (Object.keys(value).length === 0) return ''
  if (field === 'resources') return summaryOfResources(value)
  if (field.endsWith('Probe')) return `${labelOf(field)}: ${summaryOfProbe(value)}`
  if (field === 'securityContext') return Object.keys(value).map(labelOf).join(', ')
  return counted(Object.keys(value).length, singleOf(field))
}

function summaryOfList(field: string, items: readonly unknown[]): string {
  if (items.length === 0) return ''
  if (field === 'command' || field === 'args')
    return `${labelOf(field)}: ${shortened(items.join(' '))}`
  const names = items.map((item) => (isRecord(item) ? item['name'] : item)).filter(isText)
  const shown = names.slice(0, MAX_NAMES).join(', ')
  const more = names.length > MAX_NAMES ? ', …' : ''
  return `${counted(items.length, singleOf(field))}${shown === '' ? '' : `: ${shown}${more}`}`
}

function summaryOfResources(resources: Readonly<Record<string, unknown>>): string {
  return ['requests', 'limits']
    .flatMap((side) => {
      const amounts = resources[side]
      if (!isRecord(amounts) || Object.keys(amounts).length === 0) return []
      const list = Object.entries(amounts).map(([name, amount]) => `${textOf(amount)} ${name}`)
      return [`${side} ${list.join(', ')}`]
    })
    .join(' · ')
}

function summaryOfProbe(probe: Readonly<Record<string, unknown>>): string {
  const { httpGet, tcpSocket, exec } = probe
  if (isRecord(httpGet))
    return `HTTP ${textOf(httpGet['path'] ?? '/')} at ${textOf(httpGet['port'])}`
  if (isRecord(tcpSocket)) return `TCP ${textOf(tcpSocket['port'])}`
  const command = isRecord(exec) ? exec['command'] : undefined
  return Array.isArray(command) ? shortened(command.join(' ')) : ''
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 39)}…` : text)
