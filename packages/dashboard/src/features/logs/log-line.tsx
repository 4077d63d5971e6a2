import { UnstyledButton } from '@mantine/core'
import { memo, useState, type CSSProperties, type ReactNode } from 'react'
import { ansiPieces, type AnsiPiece, type AnsiStyle } from './ansi.ts'
import classes from './log-viewer.module.css'
import { spansOf, type Span } from './log-search.ts'
import type { NumberedLine } from './log-tail.ts'

/** Longer lines are folded: one that is half a megabyte would be the whole page. */
const MAX_SHOWN_CHARACTERS = 2_000

interface LogLineViewProps {
  readonly line: NumberedLine
  readonly showsPod: boolean
  readonly showsTime: boolean
  readonly search: string
  /** The match that was gone to is on this line. */
  readonly isCurrent: boolean
}

export const LogLineView = memo(function LogLineView(props: LogLineViewProps) {
  const { line, showsPod, showsTime, search, isCurrent } = props
  const [isWhole, setIsWhole] = useState(false)
  const hidden = line.line.length - MAX_SHOWN_CHARACTERS
  const text = isWhole ? line.line : line.line.slice(0, MAX_SHOWN_CHARACTERS)
  return (
    <div className={classes['line']} data-current={isCurrent || undefined}>
      {showsTime && (
        <time className={classes['time']} dateTime={line.time} title={line.time}>
          {clockTime(line.time)}
        </time>
      )}
      {showsPod && (
        <span className={classes['pod']} title={line.pod}>
          {shortPod(line.pod)}
        </span>
      )}
      <span className={classes['text']}>
        {marked(ansiPieces(text), search)}
        {hidden > 0 && (
          <UnstyledButton
            className={classes['more']}
            aria-expanded={isWhole}
            onClick={() => setIsWhole(!isWhole)}
          >
            {isWhole ? 'fold the line' : `… ${hidden.toLocaleString('en')} more characters`}
          </UnstyledButton>
        )}
      </span>
    </div>
  )
})

/** As the reader's clock has it, to the millisecond. */
function clockTime(time: string): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return time
  return `${date.toLocaleTimeString('en-GB')}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** What tells pods of one app apart is at the end of their names. */
const shortPod = (pod: string): string => (pod.length > 14 ? `…${pod.slice(-11)}` : pod)

/** A search goes over the borders of colours, so pieces are cut at both. */
function marked(pieces: readonly AnsiPiece[], search: string): ReactNode[] {
  const spans = spansOf(pieces.map(({ text }) => text).join(''), search)
  let at = 0
  return pieces.flatMap(({ text, style }) => {
    const from = at
    at += text.length
    return cut(text, from, spans).map(([part, isMatch], index) => {
      const css = cssOf(style)
      const key = `${from} ${index}`
      return isMatch ? (
        <mark key={key} style={css}>
          {part}
        </mark>
      ) : css === undefined ? (
        part
      ) : (
        <span key={key} style={css}>
          {part}
        </span>
      )
    })
  })
}

function cut(
  text: string,
  from: number,
  spans: readonly Span[],
): readonly (readonly [part: string, isMatch: boolean])[] {
  const parts: [string, boolean][] = []
  let done = 0
  for (const span of spans) {
    const start = Math.max(done, span.from - from)
    const end = Math.min(text.length, span.to - from)
    if (end <= start) continue
    if (start > done) parts.push([text.slice(done, start), false])
    parts.push([text.slice(start, end), true])
    done = end
  }
  if (done < text.length) parts.push([text.slice(done), false])
  return parts
}

function cssOf(style: AnsiStyle): CSSProperties | undefined {
  if (Object.keys(style).length === 0) return undefined
  return {
    // Dim text in a colour would be too faint to read.
    ...(style.isDim === true && { color: 'var(--mantine-color-dimmed)' }),
    ...(style.color !== undefined && { color: style.color }),
    ...(style.background !== undefined && { background: style.background }),
    ...(style.isBold === true && { fontWeight: 700 }),
    ...(style.isItalic === true && { fontStyle: 'italic' }),
    ...(style.isUnderlined === true && { textDecoration: 'underline' }),
  }
}
