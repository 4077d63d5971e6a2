import { Code, Stack } from '@mantine/core'
import { GROUP_VERSION, type RemoteApp } from '@porpulsion/contract'
import { stringify } from 'yaml'
import { CopyField } from '../../ui/copy-field.tsx'

/** What was submitted, as a manifest; values of secrets are masked. */
export function AppSpecView({ app }: { app: RemoteApp }) {
  const { name, namespace } = app.metadata
  const manifest = stringify({
    apiVersion: GROUP_VERSION,
    kind: 'RemoteApp',
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    spec: masked(app.spec),
  })
  return (
    <Stack>
      <CopyField
        value={`kubectl edit remoteapp ${name} -n ${namespace ?? 'default'}`}
        label="Edit with kubectl"
      />
      <Code block tabIndex={0} aria-label="Manifest">
        {manifest}
      </Code>
    </Stack>
  )
}

function masked(spec: RemoteApp['spec']): RemoteApp['spec'] {
  if (spec.secrets === undefined) return spec
  const hide = (values: Readonly<Record<string, string>> | undefined): Record<string, string> =>
    Object.fromEntries(Object.keys(values ?? {}).map((key) => [key, '••••••']))
  const secrets = spec.secrets.map((secret) => ({
    ...secret,
    ...(secret.data !== undefined && { data: hide(secret.data) }),
    ...(secret.binaryData !== undefined && { binaryData: hide(secret.binaryData) }),
  }))
  return { ...spec, secrets }
}
