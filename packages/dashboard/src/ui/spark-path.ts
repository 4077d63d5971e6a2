/** Half of the stroke, so that nothing of it is cut. */
const MARGIN = 1

/** From 0 at the bottom to the greatest value at the top; a value between gaps is a point. */
export function sparkPath(
  values: readonly (number | undefined)[],
  width: number,
  height: number,
): string {
  const most = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE)
  const step = (width - 2 * MARGIN) / Math.max(1, values.length - 1)
  let isDown = false
  return values
    .map((value, index) => {
      if (value === undefined) {
        isDown = false
        return ''
      }
      const x = round(MARGIN + index * step)
      const y = round(height - MARGIN - (value / most) * (height - 2 * MARGIN))
      const command = isDown ? `L${x} ${y}` : `M${x} ${y}h0`
      isDown = true
      return command
    })
    .join('')
}

const round = (value: number): number => Math.round(value * 10) / 10
