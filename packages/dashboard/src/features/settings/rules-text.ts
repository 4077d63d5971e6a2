/** The rules as text, and back. */
import { parseYaml, toYaml } from '../../api/manifest-yaml.ts'
import { changesBetween, isDocument, type Document } from './document.ts'

export const textOf = (document: Document): string =>
  Object.keys(document).length === 0 ? '' : toYaml(document)

/** The document, or what is wrong with the text. */
export function readRules(text: string): Document | string {
  try {
    const value = parseYaml(text) ?? {}
    return isDocument(value)
      ? said(value)
      : 'Must be fields and values, as in "approval: { required: true }"'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The same rules, in whatever order. */
export const areSameRules = (a: Document, b: Document): boolean => changesBetween(a, b).length === 0

/** Without what has a name and no value yet: `approval:` is how everybody begins to write a rule. */
const said = (document: Document): Document =>
  Object.fromEntries(
    Object.entries(document).flatMap(([name, value]) => {
      const kept = isDocument(value) ? said(value) : value
      return kept === null || (isDocument(kept) && Object.keys(kept).length === 0)
        ? []
        : [[name, kept]]
    }),
  )
