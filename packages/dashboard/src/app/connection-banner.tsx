import { Alert } from '@mantine/core'
import { useTimeout } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import type { Connection } from '../api/live.ts'

/** A stream that is back at once is nobody's business. */
const PATIENCE_MS = 1_500

export function ConnectionBanner({ connection }: { connection: Connection }) {
  const isLost = connection === 'lost'
  const [isShown, setIsShown] = useState(false)
  const { start, clear } = useTimeout(() => setIsShown(true), PATIENCE_MS)
  useEffect(() => {
    if (isLost) start()
    else {
      clear()
      setIsShown(false)
    }
  }, [isLost, start, clear])
  return (
    // There before it is filled: screen readers announce what changes in it.
    <div role="status">
      {isShown && (
        <Alert color="orange" mb="md" role="presentation" title="The agent does not answer">
          What you see is as it was; apps and links go on without this page. It reconnects by
          itself.
        </Alert>
      )}
    </div>
  )
}
