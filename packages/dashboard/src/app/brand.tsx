export function Brand() {
  return (
    <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden focusable="false">
      <Fin fill="var(--mantine-primary-color-filled)" />
    </svg>
  )
}

/** A fin in the water: two strokes, readable at 20 pixels. Drawn in a square of 32. */
export function Fin({ fill }: { readonly fill: string }) {
  return (
    <>
      <path d="M7 21C8 12 14 6 23 4c-2 5-2 11 2 17z" fill={fill} />
      <path
        d="M3 26c3-2.4 6-2.4 9 0s6 2.4 9 0 5-2.4 8 0"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.5"
        strokeLinecap="round"
      />
    </>
  )
}
