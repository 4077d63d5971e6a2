import frame from '../../first-paint/frame.html?raw'

/** The frame without anything in it, while it is not known what belongs there: what index.html shows before any code runs. */
export function StillFrame() {
  return <div dangerouslySetInnerHTML={{ __html: frame }} />
}
