/** The frame without anything in it, while it is not known what belongs there: first-paint/frame.html, once more. */
export function StillFrame() {
  return (
    <div className="first-paint">
      <header>
        <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden>
          <path d="M7 21C8 12 14 6 23 4c-2 5-2 11 2 17z" fill="#0f7490" />
          <path
            d="M3 26c3-2.4 6-2.4 9 0s6 2.4 9 0 5-2.4 8 0"
            fill="none"
            stroke="currentColor"
            strokeWidth="2.5"
            strokeLinecap="round"
          />
        </svg>
        Porpulsion
      </header>
      <nav aria-hidden>
        <i />
        <i />
        <i />
        <i />
        <i />
      </nav>
      <main aria-busy aria-label="Loading">
        <i />
        <i />
      </main>
    </div>
  )
}
