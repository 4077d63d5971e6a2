import { Fin } from './brand.tsx'

/** The frame without anything in it, while it is not known what belongs there: first-paint/frame.html, once more. */
export function StillFrame() {
  return (
    <div className="first-paint">
      <header>
        <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden>
          <Fin fill="#0f7490" />
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
