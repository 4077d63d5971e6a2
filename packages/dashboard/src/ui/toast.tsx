import { Affix, Notification } from '@mantine/core'
import { useEffect } from 'react'

const SHOWN_MS = 10_000

interface ToastProps {
  /** Nothing when there is nothing to say. */
  readonly text: string | undefined
  readonly onClose: () => void
}

/** How something ended, above whatever page is shown then; goes by itself. */
export function Toast({ text, onClose }: ToastProps) {
  useEffect(() => {
    if (text === undefined) return undefined
    const timer = setTimeout(onClose, SHOWN_MS)
    return () => clearTimeout(timer)
  }, [text, onClose])
  return (
    // There before it is filled: screen readers announce what changes in it.
    <Affix position={{ bottom: 16, right: 16 }} role="status">
      {text !== undefined && (
        <Notification
          role="presentation"
          withBorder
          color="teal"
          maw={480}
          style={{ overflowWrap: 'anywhere' }}
          onClose={onClose}
          closeButtonProps={{ 'aria-label': 'Close the message' }}
        >
          {text}
        </Notification>
      )}
    </Affix>
  )
}
