import { Fieldset, Select, Stack, Text } from '@mantine/core'
import type { JsonSchema } from '../../../ui/code-editor/json-schema.ts'
import classes from '../deploy.module.css'
import { isRecord, type FieldPath } from '../field-path.ts'
import { blankOf, kindOf, labelOf, needsHelp } from '../form-schema.ts'
import { plain } from './field-label.tsx'
import { useAnyField, useField, useForm } from './form-context.ts'
import { ListError } from './rows.tsx'
import type { SchemaFieldProps } from './field-props.ts'

interface FieldsOfProps {
  readonly path: FieldPath
  readonly schema: JsonSchema
  readonly isCompact?: boolean
  readonly except?: readonly string[]
}

/** All fields of a map, in the order of its schema. */
export function FieldsOf({ path, schema, isCompact = false, except = [] }: FieldsOfProps) {
  const AnyField = useAnyField()
  return Object.entries(schema.properties ?? {})
    .filter(([name]) => !except.includes(name))
    .map(([name, field]) => (
      <div key={name} data-wide={isWide(field) || needsHelp(name) || undefined}>
        <AnyField
          path={[...path, name]}
          name={name}
          schema={field}
          isRequired={schema.required?.includes(name) ?? false}
          isCompact={isCompact && !needsHelp(name)}
        />
      </div>
    ))
}

function isWide(schema: JsonSchema): boolean {
  const kind = kindOf(schema)?.kind
  return kind !== 'text' && kind !== 'number' && kind !== 'flag' && kind !== 'choice'
}

export function GroupField({ path, name, schema }: SchemaFieldProps) {
  const { error } = useField(path)
  return (
    <Fieldset className={classes['row']} legend={labelOf(name)}>
      <Stack gap="xs">
        {schema.description !== undefined && (
          <Text size="xs" c="dimmed">
            {plain(schema.description)}
          </Text>
        )}
        <div className={classes['fields']}>
          <FieldsOf path={path} schema={schema} isCompact />
        </div>
        <ListError error={error} />
      </Stack>
    </Fieldset>
  )
}

interface OneOfFieldProps extends SchemaFieldProps {
  readonly fields: readonly string[]
}

/** One of several ways, and what it needs; what goes with every way comes once one is chosen. */
export function OneOfField({ path, name, schema, fields }: OneOfFieldProps) {
  const { value, error, set, clear } = useField(path)
  const form = useForm()
  const chosen = isRecord(value) ? fields.find((field) => value[field] !== undefined) : undefined
  const choose = (next: string | null): void => {
    if (next === null) {
      clear()
      return
    }
    const { [chosen ?? '']: _old, ...rest } = isRecord(value) ? value : {}
    set({ [next]: withPort(blankOf(schema.properties?.[next] ?? {}), form.value), ...rest })
  }
  const way = chosen === undefined ? undefined : schema.properties?.[chosen]
  return (
    <Fieldset className={classes['row']} legend={labelOf(name)}>
      <Stack gap="xs">
        <Select
          label="How"
          aria-label={`${labelOf(name)}: how`}
          placeholder="None"
          data={fields.map((field) => ({ value: field, label: labelOf(field) }))}
          value={chosen ?? null}
          clearable
          maw={260}
          onChange={choose}
        />
        {chosen !== undefined && way !== undefined && (
          <div className={classes['fields']}>
            <FieldsOf path={[...path, chosen]} schema={way} isCompact />
            <FieldsOf path={path} schema={schema} except={fields} isCompact />
          </div>
        )}
        <ListError error={error} />
      </Stack>
    </Fieldset>
  )
}

/** What is asked for a port is most likely meant for the first one that the app has. */
function withPort(blank: unknown, manifest: unknown): unknown {
  if (!isRecord(blank) || !('port' in blank)) return blank
  const spec = isRecord(manifest) ? manifest['spec'] : undefined
  const ports = isRecord(spec) ? spec['ports'] : undefined
  const first: unknown = Array.isArray(ports) ? ports[0] : undefined
  return { ...blank, port: isRecord(first) ? (first['port'] ?? 8080) : 8080 }
}
