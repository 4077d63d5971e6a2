/** Which words of two texts differ, so that the eye finds one changed digit in a long line. */

export interface Part {
  readonly text: string
  readonly isChanged: boolean
}

/** Beyond this many steps the texts are shown as wholly different: they are, for whoever compares them. */
const MAX_STEPS = 160_000

export function wordDiff(
  before: string,
  after: string,
): { readonly before: readonly Part[]; readonly after: readonly Part[] } {
  const a = words(before)
  const b = words(after)
  if (a.length * b.length > MAX_STEPS) return { before: whole(before), after: whole(after) }
  const common = commonWords(a, b)
  // A shared comma says nothing: what has no word in common is another text.
  if (!common.some(([index]) => /\w/.test(a[index] ?? '')))
    return { before: whole(before), after: whole(after) }
  return {
    before: parts(a, new Set(common.map(([index]) => index))),
    after: parts(b, new Set(common.map(([, index]) => index))),
  }
}

const words = (text: string): readonly string[] => text.match(/\w+|\s+|[^\w\s]/gu) ?? []
const whole = (text: string): readonly Part[] => [{ text, isChanged: true }]

/** Pairs of indices of the longest common run of words. */
function commonWords(a: readonly string[], b: readonly string[]): readonly [number, number][] {
  const width = b.length + 1
  const lengths = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const pairs: [number, number][] = []
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) pairs.push([i++, j++])
    else if (at(i + 1, j) >= at(i, j + 1)) i++
    else j++
  }
  return pairs
}

/** Neighbours that fared alike are one part. */
function parts(all: readonly string[], kept: ReadonlySet<number>): readonly Part[] {
  const found: Part[] = []
  all.forEach((text, index) => {
    const isChanged = !kept.has(index)
    const last = found.at(-1)
    if (last?.isChanged === isChanged)
      found[found.length - 1] = { text: last.text + text, isChanged }
    else found.push({ text, isChanged })
  })
  return found
}
