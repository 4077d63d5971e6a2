import { plainText } from './ansi.ts'
import type { NumberedLine } from './log-tail.ts'
import { spansOf } from './log-search.ts'

export interface ShownLines {
  readonly lines: readonly NumberedLine[]
  /** Places in `lines` where the text is found. */
  readonly matches: readonly number[]
}

/** What is shown of the lines while a text is looked for: all of them, or those that have it. */
export function shownLines(
  lines: readonly NumberedLine[],
  search: string,
  onlyMatching: boolean,
): ShownLines {
  if (search === '') return { lines, matches: [] }
  const has = (line: NumberedLine): boolean => spansOf(plainText(line.line), search).length > 0
  if (onlyMatching) {
    const found = lines.filter(has)
    return { lines: found, matches: found.map((_line, index) => index) }
  }
  return { lines, matches: lines.flatMap((line, index) => (has(line) ? [index] : [])) }
}

/** As a file: what is for terminals alone is left out. */
export function logFile(lines: readonly NumberedLine[], withPods: boolean): string {
  return lines
    .map(({ time, pod, line }) => `${time} ${withPods ? `${pod} ` : ''}${plainText(line)}\n`)
    .join('')
}
