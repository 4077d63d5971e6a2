import { Text } from '@mantine/core'
import { WithCode } from '../../ui/with-code.tsx'
import { schemaLines, typeOf } from './schema-lines.ts'
import classes from './reference.module.css'

/** What an answer holds; long, and rarely read before it is tried. */
export function AnswerTree({ schema }: { schema: unknown }) {
  return (
    <details>
      <summary>
        <Text span size="sm" fw={600}>
          Answer
        </Text>
      </summary>
      <Fields title="Answer" schema={schema} isInput={false} />
    </details>
  )
}

/** What goes in. */
export function SchemaTree({ title, schema }: { title: string; schema: unknown }) {
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {title}
      </Text>
      <Fields title={title} schema={schema} isInput />
    </div>
  )
}

interface FieldsProps {
  readonly title: string
  readonly schema: unknown
  /** Whether something is required is asked of what one writes. */
  readonly isInput: boolean
}

function Fields({ title, schema, isInput }: FieldsProps) {
  const lines = schemaLines(schema)
  return (
    <>
      {lines.length === 0 ? (
        <Text size="sm" ff="monospace" c="dimmed">
          {typeOf(schema)}
        </Text>
      ) : (
        <ul aria-label={title} style={{ listStyle: 'none', margin: 0, padding: 0 }}>
          {lines.map(({ id, depth, name, type, isRequired, description }) => (
            <li key={id} className={classes['field']} style={{ paddingLeft: depth * 18 }}>
              <Text span inherit ff="monospace" fw={600}>
                {name}
              </Text>{' '}
              <Text span inherit ff="monospace" c="dimmed">
                {type}
              </Text>
              {isInput && isRequired && (
                <Text span inherit c="var(--tone-warn)">
                  {' '}
                  required
                </Text>
              )}{' '}
              <WithCode text={description} />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
