import { Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import { parseYaml, toYaml } from '../../api/manifest-yaml.ts'
import { isDocument, isSame, type Document } from './document.ts'
import classes from './settings.module.css'

interface SettingsYamlProps {
  readonly document: Document
  readonly mayEdit: boolean
  readonly onChange: (document: Document) => void
}

/** The whole document as text: what can be said here, and in the form, is the same. */
export function SettingsYaml({ document, mayEdit, onChange }: SettingsYamlProps) {
  const [typed, setTyped] = useState({ text: textOf(document), means: document })
  // Somebody else changed the rules, or the edits were discarded: the text follows.
  const text = isSame(typed.means, document) ? typed.text : textOf(document)
  const read = readYaml(text)
  return (
    <Stack gap="xs">
      <Textarea
        label="The rules as YAML"
        description="Only what differs from the defaults needs to be said."
        className={classes['mono'] ?? ''}
        value={text}
        readOnly={!mayEdit}
        error={typeof read === 'string' ? read : undefined}
        onChange={(event) => {
          const next = event.currentTarget.value
          const means = readYaml(next)
          setTyped({ text: next, means: isDocument(means) ? means : document })
          if (isDocument(means)) onChange(means)
        }}
        placeholder={EXAMPLE}
        autosize
        minRows={16}
        spellCheck={false}
        autoComplete="off"
      />
      {document['peers'] === undefined && (
        <Text size="sm" c="dimmed">
          Overrides for one peer stand under <code>peers.NAME</code>.
        </Text>
      )}
    </Stack>
  )
}

const EXAMPLE = `# Every rule is at its default. For example:
#
# approval:
#   required: true
# totals:
#   apps: 20`

const textOf = (document: Document): string =>
  Object.keys(document).length === 0 ? '' : toYaml(document)

/** The document, or what is wrong with the text. */
function readYaml(text: string): Document | string {
  try {
    const value = parseYaml(text) ?? {}
    return isDocument(value)
      ? value
      : 'Must be fields and values, as in "approval: { required: true }"'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
