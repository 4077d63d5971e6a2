/** Fails when `npm run gen` changed a file that is checked in, or made one that is not. */
import { execFileSync } from 'node:child_process'

const paths = [
  'charts/porpulsion/README.md',
  'charts/porpulsion/files/crds',
  'docs/errors.md',
  'docs/api.md',
  'docs/settings.md',
  'packages/embedded-cluster/src/registry/builtin-types.gen.ts',
]
const changed = execFileSync('git', ['status', '--porcelain', '--', ...paths], {
  encoding: 'utf8',
}).trim()
if (changed !== '') {
  console.error(`gen:check: generated files changed; look at them and commit them:\n${changed}`)
  process.exit(1)
}
