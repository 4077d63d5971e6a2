/**
 * The manifest under construction is its text: what a form changes is changed in the syntax tree, so that comments,
 * order and whatever no form shows stay as they were written.
 */
import {
  Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Scalar,
  visit,
  type Node,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { maxAliasCount, parseYamlDocument, toYaml } from '../../api/manifest-yaml.ts'
import { placeOf } from './field-order.ts'
import { isRecord, type FieldPath } from './field-path.ts'

export type ReadText =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly problem: string }

/** What the text says; an empty one is an empty manifest. */
export function readText(text: string): ReadText {
  const document = parseYamlDocument(text)
  const [error] = document.errors
  if (error !== undefined)
    return { ok: false, problem: `${placeIn(text, error.pos[0])}: ${error.message}` }
  try {
    const value: unknown = document.toJS({ maxAliasCount })
    if (value === null || value === undefined) return { ok: true, value: {} }
    if (isRecord(value)) return { ok: true, value }
    return { ok: false, problem: 'A manifest is a map with "metadata" and "spec".' }
  } catch (failure) {
    return { ok: false, problem: failure instanceof Error ? failure.message : String(failure) }
  }
}

function placeIn(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n')
  return `Line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`
}

/** The text with this value at this place. What is on the way there and missing is made. */
export function withValue(text: string, path: FieldPath, value: unknown): string {
  return edited(text, (document) => {
    const last = path.at(-1)
    if (last === undefined) return
    const parent = collectionAt(document, path.slice(0, -1), typeof last === 'number')
    const old = parent.get(last, true)
    if (isScalar(old) && !isStructured(value)) rewrite(old, value)
    else if (isMap(parent) && !parent.has(last)) add(document, parent, path, value)
    else parent.set(last, nodeOf(document, value))
  })
}

/** A field of the spec at its usual place, whatever is there already; any other at the end. */
function add(document: Document, parent: YAMLMap, path: FieldPath, value: unknown): void {
  const name = String(path.at(-1))
  const pair = document.createPair(nodeOf(document, name), nodeOf(document, value))
  const isInSpec = path.length === 2 && path[0] === 'spec'
  const next = isInSpec
    ? parent.items.findIndex(({ key }) => placeOf(nameOf(key)) > placeOf(name))
    : -1
  // A comment above the first field stands above the map itself, and stays there.
  parent.items.splice(next === -1 ? parent.items.length : next, 0, pair)
}

/** The text without what stands there, and without the maps and lists that became empty by it, `keep` levels excepted. */
export function withoutValue(text: string, path: FieldPath, keep = path.length - 1): string {
  return edited(text, (document) => {
    if (!document.hasIn(path)) return
    document.deleteIn(path)
    for (let depth = path.length - 1; depth > Math.max(keep, 0); depth--) {
      const parent = document.getIn(path.slice(0, depth))
      if (!isCollection(parent) || parent.items.length > 0) return
      document.deleteIn(path.slice(0, depth))
    }
  })
}

/** The text with the last key of the path called otherwise, at its place. */
export function withName(text: string, path: FieldPath, name: string): string {
  return edited(text, (document) => {
    const parent = document.getIn(path.slice(0, -1))
    if (!isMap(parent)) return
    const pair = parent.items.find(({ key }) => nameOf(key) === path.at(-1))
    if (pair !== undefined) pair.key = nodeOf(document, name)
  })
}

const nameOf = (key: unknown): string => String(isScalar(key) ? key.value : key)

function edited(text: string, edit: (document: Document) => void): string {
  const document: Document = parseYamlDocument(text)
  if (!isMap(document.contents)) document.contents = new Document({}).contents
  edit(document)
  return document.toString({ lineWidth: 0, ...styleOf(text) })
}

/** Of lists and brackets, as they were written, so that an edit is a change of one line. */
function styleOf(text: string): { indentSeq: boolean; flowCollectionPadding: boolean } {
  return {
    indentSeq: !/^( *)[^\s#-][^\n]*:[ \t]*\n\1- /m.test(text),
    flowCollectionPadding: /[{[] /.test(text) || !/[{[][^\s{}[\]]/.test(text),
  }
}

/** The map or list there; made where nothing or an empty field is, and copied where an alias stands for another. */
function collectionAt(document: Document, path: FieldPath, isList: boolean): YAMLMap | YAMLSeq {
  let found = document.contents
  path.forEach((part, index) => {
    if (!isMap(found) && !isSeq(found))
      throw new Error(`${String(path[index - 1])} holds no fields`)
    let next: unknown = found.get(part, true)
    if (isAlias(next)) {
      const copy = next.resolve(document)?.clone() as Node | undefined // of a node
      if (isCollection(copy)) delete copy.anchor
      next = copy
      found.set(part, copy)
    }
    if (!isMap(next) && !isSeq(next)) {
      const after = path[index + 1]
      const wantsList = after === undefined ? isList : typeof after === 'number'
      next = document.createNode(wantsList ? [] : {})
      found.set(part, next)
    }
    found = isNode(next) ? next : null
  })
  if (!isMap(found) && !isSeq(found)) throw new Error(`${String(path.at(-1))} holds no fields`)
  // What was written as `{}` grows over several lines.
  if (found.items.length === 0) found.flow = false
  return found
}

const isStructured = (value: unknown): boolean => typeof value === 'object' && value !== null

/** Its comment stays. */
function rewrite(scalar: Scalar, value: unknown): void {
  scalar.value = value
  delete scalar.source
  delete scalar.format
  delete scalar.type
  quoted(scalar)
}

function nodeOf(document: Document, value: unknown): Node {
  const node = document.createNode(value)
  visit(node, {
    Scalar: (_key, scalar) => {
      quoted(scalar)
    },
  })
  return node
}

/** What any reader of YAML might take for a date or a number, and is text, is written so that nobody does. */
function quoted(scalar: Scalar): void {
  const { value } = scalar
  if (typeof value === 'string' && !value.includes('\n') && /^["']/.test(toYaml(value)))
    scalar.type = Scalar.QUOTE_DOUBLE
}
