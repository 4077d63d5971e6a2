import { encode } from 'uqr'

/** The quiet zone that readers look for. */
const BORDER_MODULES = 4

/** The dark modules as one SVG path: runs of a row as rectangles of height 1. */
export function qrPath(text: string): { readonly modules: number; readonly path: string } {
  const { size, data } = encode(text, { ecc: 'L', border: BORDER_MODULES })
  const path = data.flatMap((row, y) => runsOf(row).map(([x, w]) => `M${x} ${y}h${w}v1h-${w}z`))
  return { modules: size, path: path.join('') }
}

/** Where each run of dark modules begins, and how long it is. */
function runsOf(row: readonly boolean[]): [start: number, length: number][] {
  const runs: [number, number][] = []
  row.forEach((isDark, x) => {
    if (!isDark) return
    const run = runs.at(-1)
    if (run !== undefined && run[0] + run[1] === x) run[1]++
    else runs.push([x, 1])
  })
  return runs
}
