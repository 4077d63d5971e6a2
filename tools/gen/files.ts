import { customResourceDefinitions } from '../../packages/contract/src/index.ts'
import { stringify } from 'yaml'
import { apiTable } from './api-table.ts'
import { errorTable } from './error-table.ts'
import { settingsTable } from './settings-table.ts'
import { kubernetesShapes } from './kubernetes-shapes.ts'

export interface GeneratedFile {
  readonly path: string
  readonly text: string
}

export function generatedFiles(): GeneratedFile[] {
  return [
    ...customResourceDefinitions().map((crd) => ({
      path: `charts/porpulsion/crds/${crd.metadata.name}.yaml`,
      text: `# Generated from packages/contract by \`npm run gen\`.\n${stringify(crd, { lineWidth: 0, aliasDuplicateObjects: false })}`,
    })),
    { path: 'docs/errors.md', text: errorTable() },
    { path: 'docs/api.md', text: apiTable() },
    { path: 'docs/settings.md', text: settingsTable() },
    {
      path: 'packages/embedded-cluster/src/registry/builtin-types.gen.ts',
      text: kubernetesShapes(),
    },
  ]
}
