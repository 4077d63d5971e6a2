import type { RemoteApp } from '@porpulsion/contract'
import { useState } from 'react'
import { EditSpec } from './app-spec-edit.tsx'
import { ShowSpec } from './app-spec-show.tsx'

/** What was submitted: to read, to change, and how it came to be. */
export function AppSpec({ app }: { app: RemoteApp }) {
  const [isEditing, setIsEditing] = useState(false)
  return isEditing ? (
    <EditSpec app={app} onClose={() => setIsEditing(false)} />
  ) : (
    <ShowSpec app={app} onEdit={() => setIsEditing(true)} />
  )
}
