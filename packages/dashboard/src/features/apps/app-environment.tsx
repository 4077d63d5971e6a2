import { Group, Text } from '@mantine/core'
import type { EnvVar, RemoteApp } from '@porpulsion/contract'
import { Card } from '../../ui/card.tsx'
import classes from './apps.module.css'

/** The variables of its container; they are changed with the spec. */
export function AppEnvironment({ app: { spec } }: { app: RemoteApp }) {
  const { env = [] } = spec
  if (env.length === 0) return null
  return (
    <Card title="Environment">
      <div className={classes['rows']}>
        {env.map((variable) => (
          <Group key={variable.name} className={classes['row'] ?? ''} wrap="nowrap" gap="md">
            <Text size="sm" fw={500} w="30%" className="foreign">
              {variable.name}
            </Text>
            <Text size="sm" ff="monospace" c="dimmed" flex={1} className="foreign">
              {valueOf(variable)}
            </Text>
          </Group>
        ))}
      </div>
    </Card>
  )
}

function valueOf({ value, valueFrom }: EnvVar): string {
  if (value !== undefined) return value
  const { configMapKeyRef, secretKeyRef, fieldRef } = valueFrom ?? {}
  if (configMapKeyRef !== undefined)
    return `from ConfigMap ${configMapKeyRef.name}/${configMapKeyRef.key}`
  if (secretKeyRef !== undefined) return `from Secret ${secretKeyRef.name}/${secretKeyRef.key}`
  return fieldRef === undefined ? '' : `from the pod: ${fieldRef.fieldPath}`
}
