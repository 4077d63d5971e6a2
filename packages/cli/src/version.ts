import manifest from '../package.json' with { type: 'json' }

/** One version for agent, CLI and page: they are built and published together. */
export const version: string = manifest.version
