#!/usr/bin/env node
// Tracked, so that npm can link it before anything is built. The program itself is ../dist/main.js.
import { existsSync } from 'node:fs'

const program = new URL('../dist/main.js', import.meta.url)
if (existsSync(program)) {
  await import(program.href)
} else {
  process.stderr.write('porpulsion is not built yet: run "make build" (or "npm run build") first\n')
  process.exitCode = 1
}
