import { Alert, Stack, Text } from '@mantine/core'
import { SettingsDocument } from '@porpulsion/contract'
import { useMemo, useState } from 'react'
import { CodeEditor } from '../../ui/code-editor/code-editor.tsx'
import { jsonSchema } from '../../ui/code-editor/json-schema.ts'
import { isDocument, type Document } from './document.ts'
import { areSameRules, readRules, textOf } from './rules-text.ts'
import type { Preview } from './use-preview.ts'

interface SettingsYamlProps {
  readonly document: Document
  readonly fieldErrors: Preview['fieldErrors']
  readonly mayEdit: boolean
  readonly onChange: (document: Document) => void
}

/** The whole document as text: what can be said here, and in the form, is the same. */
export function SettingsYaml({ document, fieldErrors, mayEdit, onChange }: SettingsYamlProps) {
  const [typed, setTyped] = useState({ text: textOf(document), means: document })
  // Somebody else changed the rules, or the edits were discarded: the text follows.
  const text = areSameRules(typed.means, document) ? typed.text : textOf(document)
  const read = useMemo(() => readRules(text), [text])
  const problems = useMemo(
    () => [...fieldErrors].map(([path, message]) => ({ path, message })),
    [fieldErrors],
  )
  const edit = (next: string): void => {
    const means = readRules(next)
    setTyped({ text: next, means: isDocument(means) ? means : document })
    if (isDocument(means)) onChange(means)
  }
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        Only what differs from the defaults needs to be said.
        {document['peers'] === undefined && (
          <>
            {' '}
            Overrides for one peer stand under <code>peers.NAME</code>.
          </>
        )}
      </Text>
      <CodeEditor
        label="The rules as YAML"
        value={text}
        {...(mayEdit && { onChange: edit })}
        schema={settingsSchema}
        problems={problems}
        placeholder={EXAMPLE}
        minHeight="360px"
      />
      {typeof read === 'string' && (
        <Alert color="orange" title="The YAML cannot be read just now">
          <Text size="sm" className="foreign">
            {read}
          </Text>
          <Text size="sm">Until it can, what is saved are the last rules that could.</Text>
        </Alert>
      )}
    </Stack>
  )
}

const settingsSchema = jsonSchema(SettingsDocument)

const EXAMPLE = `# Every rule is at its default. For example:
#
# approval:
#   required: true
# totals:
#   apps: 20`
