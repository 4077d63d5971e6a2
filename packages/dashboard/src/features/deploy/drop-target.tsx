import { Text } from '@mantine/core'
import { useWindowEvent } from '@mantine/hooks'
import { useState } from 'react'
import classes from './deploy.module.css'

/** A file let go anywhere on the page. */
export function DropTarget({ onFile }: { onFile: (file: File) => void }) {
  const [isOver, setIsOver] = useState(false)
  const hasFile = (event: DragEvent): boolean =>
    event.dataTransfer?.types.includes('Files') === true
  useWindowEvent('dragover', (event) => {
    if (!hasFile(event)) return
    event.preventDefault()
    setIsOver(true)
  })
  useWindowEvent('dragleave', (event) => {
    // Of the window; not from one part of it to the next.
    if (event.relatedTarget === null) setIsOver(false)
  })
  useWindowEvent('drop', (event) => {
    if (!hasFile(event)) return
    event.preventDefault()
    setIsOver(false)
    const file = event.dataTransfer?.files[0]
    if (file !== undefined) onFile(file)
  })
  if (!isOver) return null
  return (
    <div className={classes['drop']}>
      <Text size="lg" fw={600}>
        Let go to read the manifest
      </Text>
    </div>
  )
}
