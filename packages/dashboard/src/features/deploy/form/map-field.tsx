import { Group, Stack, Switch, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import classes from '../deploy.module.css'
import { isRecord, textOf, type FieldPath } from '../field-path.ts'
import { labelOf, singleOf } from '../form-schema.ts'
import { FieldTitle } from './field-label.tsx'
import { useField, useForm } from './form-context.ts'
import { AddButton, ListError, RemoveButton } from './rows.tsx'
import type { SchemaFieldProps } from './field-props.ts'

/** Names that most people want, there to be filled in. */
const usual: Readonly<Record<string, readonly (readonly [name: string, example: string])[]>> = {
  requests: [
    ['cpu', '100m'],
    ['memory', '128Mi'],
  ],
  limits: [
    ['cpu', '500m'],
    ['memory', '256Mi'],
  ],
}

/** Texts under names. Those of files may be long, those of secrets are dots until asked for. */
export function MapField({ path, name, schema }: SchemaFieldProps) {
  const { value, error, set } = useField(path)
  const form = useForm()
  const [isAdding, setIsAdding] = useState(false)
  const [isShown, setIsShown] = useState(false)
  const entries = Object.entries(isRecord(value) ? value : {})
  const known = usual[name] ?? []
  const others = entries.filter(([key]) => !known.some(([usualName]) => usualName === key))
  const isFiles = name === 'data' || name === 'binaryData'
  const isSecret = isFiles && path[1] === 'secrets'
  const single = singleOf(name)
  return (
    <Stack gap={6} data-rows role="group" aria-label={labelOf(name)}>
      <Group justify="space-between" gap="xs">
        <FieldTitle name={name} schema={schema} />
        {isSecret && entries.length > 0 && (
          <Switch
            size="xs"
            label="Show values"
            checked={isShown}
            onChange={({ currentTarget }) => setIsShown(currentTarget.checked)}
          />
        )}
      </Group>
      {known.length > 0 && (
        <div className={classes['fields']}>
          {known.map(([key, example]) => (
            <UsualValue key={key} path={[...path, key]} name={key} example={example} />
          ))}
        </div>
      )}
      {others.map(([key, text], index) => (
        <Entry
          // By place: a name that is being typed is no other row.
          key={index}
          path={path}
          name={key}
          value={text}
          single={`${single} ${index + 1}`}
          taken={entries.map(([other]) => other)}
          isLong={isFiles}
          isHidden={isSecret && !isShown}
        />
      ))}
      {isAdding && (
        <NewName
          single={single}
          taken={entries.map(([other]) => other)}
          onName={(key) => {
            setIsAdding(false)
            if (key !== '') form.set([...path, key], '')
          }}
        />
      )}
      <ListError error={error} />
      <AddButton
        what={single}
        onAdd={() => {
          if (value === null) set({})
          setIsAdding(true)
        }}
      />
    </Stack>
  )
}

function UsualValue({ path, name, example }: { path: FieldPath; name: string; example: string }) {
  const { value, error, set, clear, touch } = useField(path)
  return (
    <TextInput
      label={labelOf(name)}
      aria-label={`${labelOf(name)}, ${String(path.at(-2))}`}
      placeholder={example}
      value={textOf(value)}
      error={error}
      onBlur={touch}
      onChange={({ currentTarget }) =>
        currentTarget.value === '' ? clear() : set(currentTarget.value)
      }
    />
  )
}

interface EntryProps {
  readonly path: FieldPath
  readonly name: string
  readonly value: unknown
  readonly single: string
  readonly taken: readonly string[]
  readonly isLong: boolean
  readonly isHidden: boolean
}

function Entry({ path, name, value, single, taken, isLong, isHidden }: EntryProps) {
  const form = useForm()
  const own = [...path, name]
  const common = {
    'aria-label': `Value of ${single}`,
    value: textOf(value),
    error: form.errorAt(own),
    spellCheck: false,
    onBlur: () => form.touch(own),
  }
  return (
    <div className={classes['entry']} data-long={isLong || undefined}>
      <EntryName
        label={`Name of ${single}`}
        name={name}
        taken={taken}
        onName={(next) => form.rename(own, next)}
      />
      {isLong ? (
        <Textarea
          {...common}
          autosize
          minRows={2}
          maxRows={14}
          classNames={{ input: isHidden ? classes['hidden'] : classes['file'] }}
          onChange={({ currentTarget }) => form.set(own, currentTarget.value)}
        />
      ) : (
        <TextInput
          {...common}
          onChange={({ currentTarget }) => form.set(own, currentTarget.value)}
        />
      )}
      <RemoveButton what={single} onRemove={() => form.clear(own)} />
    </div>
  )
}

interface EntryNameProps {
  readonly label: string
  readonly name: string
  readonly taken: readonly string[]
  readonly onName: (name: string) => void
}

/** Taken over when it is left: half a name might be another one's. */
function EntryName({ label, name, taken, onName }: EntryNameProps) {
  const [typed, setTyped] = useState<string>()
  const problem = nameProblem(
    typed ?? name,
    taken.filter((other) => other !== name),
  )
  const take = (): void => {
    if (problem === undefined && typed !== undefined && typed !== name) onName(typed)
    if (problem === undefined) setTyped(undefined)
  }
  return (
    <TextInput
      aria-label={label}
      value={typed ?? name}
      error={problem}
      spellCheck={false}
      onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return
        event.preventDefault()
        take()
      }}
    />
  )
}

interface NewNameProps {
  readonly single: string
  readonly taken: readonly string[]
  /** Empty when none was wanted. */
  readonly onName: (name: string) => void
}

function NewName({ single, taken, onName }: NewNameProps) {
  const [name, setName] = useState('')
  const problem = name === '' ? undefined : nameProblem(name, taken)
  const take = (): void => {
    if (problem === undefined) onName(name)
  }
  return (
    <TextInput
      aria-label={`Name of the new ${single}`}
      placeholder={`Name of the new ${single}`}
      autoFocus
      value={name}
      error={problem}
      spellCheck={false}
      maw={360}
      onChange={({ currentTarget }) => setName(currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onName('')
        if (event.key !== 'Enter') return
        event.preventDefault()
        take()
      }}
    />
  )
}

function nameProblem(name: string, taken: readonly string[]): string | undefined {
  if (name === '') return 'needs a name'
  return taken.includes(name) ? 'is there already' : undefined
}
