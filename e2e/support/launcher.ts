import { join } from 'node:path'

/** The built CLI, as npm links it. */
export const launcher = join(import.meta.dirname, '../../packages/cli/bin/porpulsion.js')
