import { Paper, Stack, Text, Title } from '@mantine/core'
import { useEffect } from 'react'
import { fieldsIn, fieldState, pathIn } from './scope.ts'
import type { Section } from './fields.ts'
import { SettingRow } from './setting-row.tsx'
import classes from './settings.module.css'
import type { DraftInHand } from './use-draft.ts'

interface SettingsFormProps {
  readonly sections: readonly Section[]
  /** Scrolled to. */
  readonly section: string | undefined
  readonly peer: string | undefined
  readonly peerNames: readonly string[]
  readonly draft: DraftInHand
  readonly fieldErrors: ReadonlyMap<string, string>
  readonly mayEdit: boolean
}

export function SettingsForm(props: SettingsFormProps) {
  const { sections, section, peer, peerNames, draft, fieldErrors, mayEdit } = props
  useEffect(() => {
    if (section !== undefined) document.getElementById(section)?.scrollIntoView()
  }, [section])
  return (
    <Stack gap="md">
      {sections.map((one) => (
        <Paper
          key={one.id}
          id={one.id}
          className={classes['section'] ?? ''}
          component="section"
          aria-labelledby={`${one.id}-title`}
          p="md"
          pb={4}
        >
          <Title order={2} size="h3" id={`${one.id}-title`}>
            {one.title}
          </Title>
          <Text size="sm" c="dimmed" mb="sm">
            {one.about}
          </Text>
          {fieldsIn(one, peer).map((place) => (
            <SettingRow
              key={`${peer ?? ''} ${place.path}`}
              place={place}
              state={fieldState(place.path, peer, draft.stored, draft.document)}
              mayEdit={mayEdit}
              error={errorAt(fieldErrors, pathIn(peer, place.path))}
              suggestions={place.path.endsWith('Peers') ? peerNames : []}
              onChange={(value) => draft.set(pathIn(peer, place.path), value)}
            />
          ))}
        </Paper>
      ))}
    </Stack>
  )
}

/** Of the field, or of one entry of its list: `pods.egressCIDRs[0]`. */
function errorAt(errors: ReadonlyMap<string, string>, path: string): string | undefined {
  for (const [at, message] of errors) {
    if (at === path) return message
    if (at.startsWith(`${path}[`))
      return `Entry ${Number(at.slice(path.length + 1, -1)) + 1} ${message}`
  }
  return undefined
}
