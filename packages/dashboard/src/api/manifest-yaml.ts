/**
 * Manifests as people write them: YAML 1.1, as Kubernetes reads it (`0644` is octal, `yes` is a boolean), but without
 * its timestamps and base-60 numbers, which would turn `22:22` into 1342.
 */
import { parse, stringify } from 'yaml'

/** Throws an error with line and column when the text is no YAML. */
export function parseYaml(text: string): unknown {
  return parse(text, {
    version: '1.1',
    maxAliasCount: 20,
    customTags: (tags) =>
      tags.filter(
        (tag) =>
          typeof tag === 'string' || !(tag.tag.endsWith(':timestamp') || tag.format === 'TIME'),
      ),
  })
}

/** With every tag of YAML 1.1, so that a string which any reader would take for something else is quoted. */
export const toYaml = (value: unknown): string => stringify(value, { version: '1.1' })
