import manifest from '../package.json' with { type: 'json' }

/** One version for everything that is built together. */
export const version: string = manifest.version
