import { Accordion, Badge, Group, Stack, Text, TextInput } from '@mantine/core'
import type { Peer } from '@porpulsion/contract'
import classes from './deploy.module.css'
import { valueAt } from './field-path.ts'
import { manifestSchema } from './form-schema.ts'
import { sections, type Section } from './form-sections.ts'
import { useForm } from './form/form-context.ts'
import { ListField } from './form/list-field.tsx'
import { NumberField, TextField } from './form/scalar-fields.tsx'
import { SchemaField } from './form/schema-field.tsx'
import { PeerSelect } from './peer-select.tsx'
import { summaryOf } from './section-summary.ts'

const specSchema = manifestSchema.properties?.['spec']
const schemaOf = (field: string) => specSchema?.properties?.[field] ?? {}

interface DeployFormProps {
  readonly peers: readonly Peer[] | undefined
  /** Which sections are unfolded; kept by the page, whose layout may change around the form. */
  readonly open: readonly string[]
  readonly onOpen: (open: string[]) => void
}

/** What everybody needs, and the rest folded with what is set in it. */
export function DeployForm({ peers, open, onOpen }: DeployFormProps) {
  const ports = schemaOf('ports')
  return (
    <Stack gap="md">
      <div className={classes['essentials']}>
        <TextField path={['metadata', 'name']} name="name" schema={{ type: 'string' }} isRequired />
        <PeerSelect peers={peers} />
        <TextField
          path={['spec', 'image']}
          name="image"
          schema={{ type: 'string' }}
          placeholder="nginx:1.29, ghcr.io/me/app@sha256:…"
          isRequired
        />
        <NumberField
          path={['spec', 'replicas']}
          name="replicas"
          schema={{ ...schemaOf('replicas'), description: '' }}
          placeholder="1"
        />
      </div>
      <ListField
        path={['spec', 'ports']}
        name="ports"
        schema={ports}
        item={ports.items ?? {}}
        blank={{ port: 8080 }}
      />
      <Sections open={open} onOpen={onOpen} />
      <NamespaceField />
    </Stack>
  )
}

function Sections({ open, onOpen }: Pick<DeployFormProps, 'open' | 'onOpen'>) {
  return (
    <Accordion
      multiple
      variant="contained"
      value={[...open]}
      onChange={onOpen}
      order={2}
      chevronPosition="left"
      classNames={{ control: classes['control'], label: classes['controlLabel'] }}
    >
      {sections.map((section) => (
        <SectionPart key={section.id} section={section} isOpen={open.includes(section.id)} />
      ))}
    </Accordion>
  )
}

function SectionPart({ section, isOpen }: { section: Section; isOpen: boolean }) {
  const { value, errorCount } = useForm()
  const { id, title, fields } = section
  const summary = summaryOf(valueAt(value, ['spec']), fields)
  const wrong = fields.reduce((sum, field) => sum + errorCount(['spec', field]), 0)
  return (
    <Accordion.Item value={id}>
      <Accordion.Control>
        <Group justify="space-between" wrap="nowrap" gap="md">
          <Text span size="sm" fw={600} style={{ whiteSpace: 'nowrap' }}>
            {title}
          </Text>
          <Group gap="xs" wrap="nowrap" miw={0}>
            {wrong > 0 && (
              <Badge color="red" variant="light">
                {wrong} to mend
              </Badge>
            )}
            <Text span size="xs" c="dimmed" truncate>
              {summary}
            </Text>
          </Group>
        </Group>
      </Accordion.Control>
      <Accordion.Panel>
        {/* What is folded is not there: most of the form, most of the time. */}
        {isOpen && (
          <Stack gap="md">
            {fields.map((field) => (
              <SchemaField
                key={field}
                path={['spec', field]}
                name={field}
                schema={schemaOf(field)}
              />
            ))}
          </Stack>
        )}
      </Accordion.Panel>
    </Accordion.Item>
  )
}

/** Rarely needed: the agent's own is what it is without. */
function NamespaceField() {
  const form = useForm()
  const path = ['metadata', 'namespace']
  const value = valueAt(form.value, path)
  return (
    <TextInput
      label="Namespace"
      description="Of this cluster, where the record of the app is kept. Default: the agent's own."
      maw={320}
      value={typeof value === 'string' ? value : ''}
      error={form.errorAt(path)}
      spellCheck={false}
      onBlur={() => form.touch(path)}
      onChange={({ currentTarget }) =>
        currentTarget.value === '' ? form.clear(path) : form.set(path, currentTarget.value)
      }
    />
  )
}
