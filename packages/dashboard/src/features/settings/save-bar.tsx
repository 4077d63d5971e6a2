import { Alert, Button, Group, Paper, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { ReviewChanges } from './review-changes.tsx'
import classes from './settings.module.css'
import type { DraftInHand } from './use-draft.ts'
import type { Preview } from './use-preview.ts'
import { inWords } from './value-words.ts'

interface SaveBarProps {
  readonly draft: DraftInHand
  readonly preview: Preview
  readonly isReplacement: boolean
}

/** Always in sight while something is not saved. */
export function SaveBar({ draft, preview, isReplacement }: SaveBarProps) {
  const [isReviewing, review] = useDisclosure()
  const { changes, conflicts } = draft
  if (changes.length === 0) return null
  const refused = preview.result?.violations.length ?? 0
  return (
    <Paper className={classes['bar'] ?? ''} p="xs" px="md" component="section" aria-label="Changes">
      {conflicts.length > 0 && (
        <Alert color="orange" mb="xs" role="alert" title="Somebody changed the same meanwhile">
          {conflicts.map(({ path, after }) => (
            <Text size="sm" key={path} className="foreign">
              {path} is {inWords(after)} now. Saving sets it to yours.
            </Text>
          ))}
        </Alert>
      )}
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          <strong>{changes.length === 1 ? '1 change' : `${changes.length} changes`}</strong>
          {preview.error !== null && ', not valid yet'}
          {preview.error === null &&
            refused > 0 &&
            `, would refuse ${refused === 1 ? 'one app' : `${refused} apps`}`}
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={draft.discard}>
            Discard
          </Button>
          <Button onClick={review.open} disabled={preview.fieldErrors.size > 0}>
            Review and save
          </Button>
        </Group>
      </Group>
      {isReviewing && (
        <ReviewChanges
          draft={draft}
          preview={preview}
          isReplacement={isReplacement}
          onClose={review.close}
        />
      )}
    </Paper>
  )
}
