import { Skeleton } from '@mantine/core'
import { useEffect, useState } from 'react'

interface QrCodeProps {
  readonly value: string
  /** What somebody gets who points a camera at it. */
  readonly label: string
  readonly size?: number
}

interface Drawing {
  readonly modules: number
  readonly path: string
}

/** Dark on white in both themes: many cameras read nothing else. Its code comes when one is shown. */
export function QrCode({ value, label, size = 240 }: QrCodeProps) {
  const drawing = useDrawing(value)
  if (drawing === undefined) return <Skeleton w={size} h={size} />
  const { modules, path } = drawing
  return (
    <svg
      width={size}
      height={size}
      viewBox={`0 0 ${modules} ${modules}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
      style={{ borderRadius: 8, maxWidth: '100%' }}
    >
      <rect width={modules} height={modules} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}

function useDrawing(value: string): Drawing | undefined {
  const [drawing, setDrawing] = useState<Drawing>()
  useEffect(() => {
    let isWanted = true
    void import('./qr-path.ts').then(({ qrPath }) => {
      if (isWanted) setDrawing(qrPath(value))
    })
    return () => {
      isWanted = false
    }
  }, [value])
  return drawing
}
