/** Where a text stands in lines; upper and lower case count as the same unless the text has both. */

export interface Span {
  readonly from: number
  readonly to: number
}

/** A line has at most so many that are marked: a single letter in a line of ten thousand is no search. */
const MAX_SPANS = 200

export function spansOf(text: string, wanted: string): readonly Span[] {
  if (wanted === '') return []
  const isExact = /\p{Lu}/u.test(wanted)
  const within = isExact ? text : text.toLowerCase()
  const sought = isExact ? wanted : wanted.toLowerCase()
  const spans: Span[] = []
  for (
    let at = within.indexOf(sought);
    at !== -1;
    at = within.indexOf(sought, at + sought.length)
  ) {
    spans.push({ from: at, to: at + sought.length })
    if (spans.length === MAX_SPANS) break
  }
  return spans
}
