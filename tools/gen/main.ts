/** `npm run gen`: everything that is made from the contract. Checked in; `gen:check` fails when it is stale. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { generatedFiles } from './files.ts'

for (const { path, text } of generatedFiles()) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
