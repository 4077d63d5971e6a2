/**
 * Manifests as people write them: YAML 1.1, as Kubernetes reads it (`0644` is octal, `yes` is a boolean), but without
 * its timestamps and base-60 numbers, which would turn `22:22` into 1342.
 */
import { parse, parseAllDocuments, parseDocument, stringify, type Document } from 'yaml'

export const maxAliasCount = 20

const options: NonNullable<Parameters<typeof parseDocument>[1]> = {
  version: '1.1',
  customTags: (tags) =>
    tags.filter(
      (tag) =>
        typeof tag === 'string' || !(tag.tag.endsWith(':timestamp') || tag.format === 'TIME'),
    ),
}

/** Throws an error with line and column when the text is no YAML. */
export function parseYaml(text: string): unknown {
  return parse(text, { ...options, maxAliasCount })
}

/** With its comments and where everything stands; what is wrong with it is in its `errors`. */
export const parseYamlDocument = (text: string): Document.Parsed =>
  parseDocument(text, { ...options, prettyErrors: false })

/** Of a file with several, parted by `---`. */
export function parseYamlDocuments(text: string): Document.Parsed[] {
  const documents = parseAllDocuments(text, { ...options, prettyErrors: true })
  return Array.isArray(documents) ? documents : []
}

/** With every tag of YAML 1.1, so that a string which any reader would take for something else is quoted. */
export const toYaml = (value: unknown): string => stringify(value, { version: '1.1' })
