import { customResourceDefinitions } from '../../packages/contract/src/index.ts'
import { stringify } from 'yaml'
import { accessTable } from './access-table.ts'
import { apiTable } from './api-table.ts'
import { chartValues } from './chart-values.ts'
import { errorTable } from './error-table.ts'
import { notificationTable } from './notification-table.ts'
import { settingsTable } from './settings-table.ts'
import { kubernetesShapes } from './kubernetes-shapes.ts'

export interface GeneratedFile {
  readonly path: string
  readonly text: string
}

export function generatedFiles(): GeneratedFile[] {
  return [
    ...customResourceDefinitions().map((crd) => ({
      path: `charts/porpulsion/files/crds/${crd.metadata.name}.yaml`,
      text: `# Generated from packages/contract by \`npm run gen\`.\n${stringify(keptByHelm(crd), { lineWidth: 0, aliasDuplicateObjects: false })}`,
    })),
    { path: 'charts/porpulsion/README.md', text: chartValues() },
    { path: 'docs/errors.md', text: errorTable() },
    { path: 'docs/api.md', text: apiTable() },
    { path: 'docs/access.md', text: accessTable() },
    { path: 'docs/notifications.md', text: notificationTable() },
    { path: 'docs/settings.md', text: settingsTable() },
    {
      path: 'packages/embedded-cluster/src/registry/builtin-types.gen.ts',
      text: kubernetesShapes(),
    },
  ]
}

type Definition = ReturnType<typeof customResourceDefinitions>[number]

/** The chart has the definitions among its templates; uninstalling it must not delete them, and every app with them. */
function keptByHelm(crd: Definition): object {
  const annotations = { 'helm.sh/resource-policy': 'keep' }
  return { ...crd, metadata: { ...crd.metadata, annotations } }
}
