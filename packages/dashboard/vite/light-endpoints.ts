import type { Plugin } from 'vite'
import { endpoints } from '../../contract/src/index.ts'

/** The endpoint table as the page needs it to ask: where, and how. Checking is the agent's work. */
const light = Object.fromEntries(
  Object.entries(endpoints).map(([name, { method, path, format }]) => [
    name,
    { method, path, format },
  ]),
)

const virtualId = '\0porpulsion-light-endpoints'

/**
 * Leaves the schemas of the REST API, and with them the schema library, out of what the first visit loads: a fifth of it.
 * Whoever needs the schemas imports `endpointTable`.
 */
export function lightEndpoints(): Plugin {
  return {
    name: 'porpulsion-light-endpoints',
    enforce: 'pre',
    resolveId(source, importer) {
      const isIndex = importer?.endsWith('/contract/src/index.ts') === true
      return isIndex && source === './endpoints.ts' ? virtualId : undefined
    },
    load(id) {
      return id === virtualId ? `export const endpoints = ${JSON.stringify(light)}` : undefined
    },
  }
}
