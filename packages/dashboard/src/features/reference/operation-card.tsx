import { Text, UnstyledButton } from '@mantine/core'
import type { Endpoint } from '@porpulsion/contract'
import { curlOf } from '../../api/curl.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { toneColor, type Tone } from '../../ui/tone.ts'
import { exampleBody, isTryable, paramNames, type Operation } from './operations.ts'
import classes from './reference.module.css'
import { AnswerTree, SchemaTree } from './schema-tree.tsx'
import { TryIt } from './try-it.tsx'

const methodTones: Readonly<Record<Endpoint['method'], Tone>> = {
  GET: 'busy',
  POST: 'good',
  PUT: 'warn',
  PATCH: 'warn',
  DELETE: 'bad',
}

interface OperationCardProps {
  readonly operation: Operation
  readonly isOpen: boolean
  readonly onToggle: () => void
}

export function OperationCard({ operation, isOpen, onToggle }: OperationCardProps) {
  const { name, endpoint } = operation
  const { method, path, summary, role } = endpoint
  return (
    <div className={classes['operation']} id={name}>
      <UnstyledButton className={classes['summary']} onClick={onToggle} aria-expanded={isOpen}>
        <span className={classes['method']} style={{ color: toneColor(methodTones[method]) }}>
          {method}
        </span>
        <span>
          <span className={classes['path']}>{path}</span>
          <Text size="sm" c="dimmed">
            {summary}
          </Text>
        </span>
        <Text size="xs" c="dimmed" className={classes['role'] ?? ''}>
          {role}
        </Text>
      </UnstyledButton>
      {isOpen && <Details operation={operation} />}
    </div>
  )
}

function Details({ operation: { name, endpoint } }: { operation: Operation }) {
  const { path, query, body, response, role, status, format } = endpoint
  const params = paramNames(path)
  const example = body === undefined ? {} : { body: exampleBody(body) }
  const placeholders = Object.fromEntries(params.map((param) => [param, param.toUpperCase()]))
  return (
    <div className={classes['body']}>
      <Text size="sm">
        Operation <code>{name}</code>, {roleTexts[role]}. Answers {status}
        {formatText[format]}.
      </Text>
      {params.length > 0 && (
        <SchemaTree title="In the path" schema={{ ...endpoint.params, required: params }} />
      )}
      {Object.keys(query.properties).length > 0 && (
        <SchemaTree title="After the ?" schema={query} />
      )}
      {body !== undefined && <SchemaTree title="Body" schema={body} />}
      {format !== 'websocket' && (
        <CopyField
          value={curlOf(endpoint, { params: placeholders, ...example })}
          label={`${name} with curl`}
        />
      )}
      {isTryable(endpoint) && <TryIt endpoint={endpoint} />}
      {response !== undefined && <AnswerTree schema={response} />}
    </div>
  )
}

const roleTexts = {
  anyone: 'for anyone, without an account',
  viewer: 'for everybody with an account',
  operator: 'for operators and admins',
  admin: 'for admins',
} as const

const formatText = {
  json: '',
  ndjson: ', a stream of lines of JSON',
  sse: ', a stream of server-sent events',
  websocket: ', a WebSocket',
} as const
