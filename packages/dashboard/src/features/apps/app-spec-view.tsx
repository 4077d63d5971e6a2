import { Code, Stack } from '@mantine/core'
import { GROUP_VERSION, type RemoteApp } from '@porpulsion/contract'
import { toYaml } from '../../api/manifest-yaml.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { withoutSecrets } from './without-secrets.ts'

/** What was submitted, as a manifest; values of secrets are masked. */
export function AppSpecView({ app }: { app: RemoteApp }) {
  const { name, namespace } = app.metadata
  const manifest = toYaml({
    apiVersion: GROUP_VERSION,
    kind: 'RemoteApp',
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    spec: withoutSecrets(app.spec),
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
