import { readFileSync } from 'node:fs'
import { isMap, isNode, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml'

interface Value {
  readonly path: string
  readonly text: string
  readonly comment: string
}

const file = 'charts/porpulsion/values.yaml'

/** charts/porpulsion/README.md: every value of the chart, with its default and what values.yaml says of it. */
export function chartValues(): string {
  const entries = entriesOf(readValues())
  const sections = entries.filter(({ node }) => isSection(node))
  const general = entries.filter(({ node }) => !isSection(node))
  return `<!-- Generated from values.yaml by \`npm run gen\`. -->

# The chart

Installs one Porpulsion agent in a cluster. How to install, upgrade and remove it, and what it may do:
[docs/operations.md](../../docs/operations.md).

\`\`\`sh
helm install porpulsion charts/porpulsion --namespace porpulsion --create-namespace \\
  --set agent.agentName=home --set agent.selfUrl=https://porpulsion.example.com \\
  --set ingress.enabled=true --set ingress.controller=nginx
\`\`\`

A value that is not listed here is refused.

${sections.map((entry) => sectionText(`\`${entry.name}\``, entry.comment, valuesOf(entry, ''))).join('\n\n')}

${sectionText(
  'General',
  undefined,
  general.flatMap((entry) => valuesOf(entry, '')),
)}
`
}

function sectionText(title: string, comment: string | undefined, values: readonly Value[]): string {
  const rows = values.map(({ path, text, comment }) => `| \`${path}\` | \`${text}\` | ${comment} |`)
  const intro = comment === undefined ? [] : [comment, '']
  return [
    `## ${title}`,
    '',
    ...intro,
    '| value | default | what it does |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n')
}

interface Entry {
  readonly name: string
  readonly comment: string | undefined
  readonly node: unknown
}

function readValues(): YAMLMap {
  const { contents } = parseDocument(readFileSync(file, 'utf8'))
  if (!isMap(contents)) throw new Error(`${file} is no map`)
  return contents
}

/** The parser gives what stands above the first key of a map to the map, and the rest to the keys. */
function entriesOf(map: YAMLMap): Entry[] {
  return map.items.map((pair, index) => ({
    name: nameOf(pair),
    comment: sentence(keyComment(pair) ?? (index === 0 ? map.commentBefore : undefined)),
    node: pair.value,
  }))
}

function valuesOf({ name, comment, node }: Entry, parent: string): Value[] {
  const path = parent + name
  if (isSection(node)) return entriesOf(node).flatMap((entry) => valuesOf(entry, `${path}.`))
  if (comment === undefined) throw new Error(`${file}: ${path} has no comment`)
  const value = isNode(node) ? (node.toJSON() as unknown) : node
  return [{ path, text: JSON.stringify(value), comment }]
}

/** A map over several lines holds values; one in braces is a value. */
function isSection(node: unknown): node is YAMLMap {
  return isMap(node) && node.flow !== true
}

function keyComment({ key }: Pair): string | null | undefined {
  return isScalar(key) ? key.commentBefore : undefined
}

/** The last paragraph: one above it, set apart by an empty line, speaks of the whole file. */
function sentence(comment: string | null | undefined): string | undefined {
  const lines = comment?.split('\n\n').at(-1)?.split('\n') ?? []
  const text = lines.map((line) => line.trim()).join(' ')
  return text === '' ? undefined : text.replaceAll('|', '\\|')
}

function nameOf({ key }: Pair): string {
  if (isScalar(key) && typeof key.value === 'string') return key.value
  throw new Error(`${file} has a key that is not text`)
}
