/** `make soak`: all parts one after the other, or those whose file is named so: `node tools/soak.mjs frozen leaf`. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installProxies } from './debian.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
installProxies((text) => process.stdout.write(`${text}\n`))
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const args = ['run', '--config', 'vitest.soak.config.ts', ...process.argv.slice(2)]
const { status } = spawnSync(process.execPath, [vitest, ...args], { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)
