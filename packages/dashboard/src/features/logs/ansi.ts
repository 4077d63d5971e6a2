/** Colours and weights that programs write into their lines (SGR), as pieces of text with a style; all other escape sequences go. */

export interface AnsiStyle {
  /** CSS colours. */
  readonly color?: string
  readonly background?: string
  readonly isBold?: boolean
  readonly isDim?: boolean
  readonly isItalic?: boolean
  readonly isUnderlined?: boolean
}

export interface AnsiPiece {
  readonly text: string
  readonly style: AnsiStyle
}

const plain: AnsiStyle = {}

// Sequences that end with their own letter (CSI), that carry a text up to BEL or ST (OSC, …), and two-character ones.
const sequences =
  /\x1b(?:\[([0-9;:?<=>]*)[ -/]*([@-~])|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_a-z])/g
/** What a terminal would do nothing visible with. */
const invisible = /[\x00-\x08\x0b-\x1f\x7f]/g

/** The text as it is read: without anything that is only for a terminal. */
export const plainText = (line: string): string =>
  line.replace(sequences, '').replace(invisible, '')

export function ansiPieces(line: string): readonly AnsiPiece[] {
  const pieces: AnsiPiece[] = []
  let style = plain
  let from = 0
  const push = (text: string): void => {
    const shown = text.replace(invisible, '')
    if (shown !== '') pieces.push({ text: shown, style })
  }
  for (const match of line.matchAll(sequences)) {
    push(line.slice(from, match.index))
    from = match.index + match[0].length
    if (match[2] === 'm') style = styled(style, match[1] ?? '')
  }
  push(line.slice(from))
  return pieces
}

function styled(before: AnsiStyle, parameters: string): AnsiStyle {
  let style = before
  const codes = parameters.split(/[;:]/).map(Number)
  while (codes.length > 0) {
    const code = codes.shift() ?? 0
    if (code === 38 || code === 48) {
      const color = extended(codes)
      if (color !== undefined)
        style = code === 38 ? { ...style, color } : { ...style, background: color }
    } else style = step(style, code)
  }
  return style
}

function step(style: AnsiStyle, code: number): AnsiStyle {
  if (code === 0) return plain
  if (code === 1) return { ...style, isBold: true }
  if (code === 2) return { ...style, isDim: true }
  if (code === 3) return { ...style, isItalic: true }
  if (code === 4) return { ...style, isUnderlined: true }
  if (code === 22) return { ...style, isBold: false, isDim: false }
  if (code === 23) return { ...style, isItalic: false }
  if (code === 24) return { ...style, isUnderlined: false }
  if (code >= 30 && code <= 37) return { ...style, color: named(code - 30) }
  if (code >= 90 && code <= 97) return { ...style, color: named(code - 90) }
  if (code === 39) return without(style, 'color')
  if (code >= 40 && code <= 47) return { ...style, background: ground(code - 40) }
  if (code >= 100 && code <= 107) return { ...style, background: ground(code - 100) }
  if (code === 49) return without(style, 'background')
  return style
}

function without(style: AnsiStyle, key: 'color' | 'background'): AnsiStyle {
  const { [key]: _gone, ...rest } = style
  return rest
}

/** The eight names, as each theme reads them best: a program's yellow on white could not be read. */
const named = (index: number): string => `var(--ansi-${index})`
const ground = (index: number): string => `var(--ansi-ground-${index})`

/** `5;n` and `2;r;g;b`, taken off the codes. */
function extended(codes: number[]): string | undefined {
  const kind = codes.shift()
  if (kind === 5) return paletteColor(codes.shift() ?? 0)
  if (kind !== 2) return undefined
  const [red = 0, green = 0, blue = 0] = codes.splice(0, 3)
  return `rgb(${byte(red)} ${byte(green)} ${byte(blue)})`
}

function paletteColor(index: number): string {
  if (index < 16) return named(index % 8)
  if (index >= 232) {
    const gray = byte((index - 232) * 10 + 8)
    return `rgb(${gray} ${gray} ${gray})`
  }
  const cube = index - 16
  const level = (value: number): number => (value === 0 ? 0 : value * 40 + 55)
  return `rgb(${level(Math.floor(cube / 36) % 6)} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`
}

const byte = (value: number): number => Math.min(255, Math.max(0, Math.trunc(value) || 0))
