import { defaultSettings, SettingsDocument } from '../../packages/contract/src/index.ts'

type Schema = Readonly<Record<string, unknown>>
const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** docs/settings.md: every setting, its default and what it does. */
export function settingsTable(): string {
  const rows = leaves(SettingsDocument as unknown as Schema, defaultSettings, '').map(
    ({ path, value, description }) =>
      `| \`${path}\` | \`${JSON.stringify(value)}\` | ${description} |`,
  )
  return `<!-- Generated from packages/contract by \`npm run gen\`. -->

# Settings

The owner's rules for this cluster: one document, checked as a whole. It lives in ConfigMap \`porpulsion-settings\`, key
\`settings.yaml\`, in the agent's namespace; change it with \`porpulsion settings set\`, the REST API or kubectl. An invalid
document changes nothing: the last valid one stays in force, and if there is none, no apps are taken from peers.

\`\`\`sh
porpulsion settings set resources.maxReplicasPerApp=5 images.block='["docker.io/evil/**"]'
porpulsion settings set inbound.enabled=false --peer b
porpulsion settings get
\`\`\`

Image patterns are compared with the full name (\`nginx\` is \`docker.io/library/nginx:latest\`). A pattern without wildcard is
a prefix that ends at a path or tag boundary: \`ghcr.io/myorg\` covers \`ghcr.io/myorg/app:1\`, not \`ghcr.io/myorg-evil/app\`.
\`*\` stands for anything within one path segment, \`**\` for any number of segments.

| setting | default | what it does |
| --- | --- | --- |
${rows.join('\n')}

\`peers.<name>\` may hold the same for one peer, but for \`inbound.allowPeers\`, \`inbound.denyPeers\`, \`tunnels.allowPeers\`,
\`tunnels.pathModeForBrowsers\` and \`peering\`: single values replace the general ones, \`images.block\` adds to them,
\`images.allow\` replaces them, \`totals\` are of that peer alone.
`
}

interface Leaf {
  readonly path: string
  readonly value: unknown
  readonly description: string
}

function leaves(schema: Schema, defaults: unknown, path: string): Leaf[] {
  const properties = isSchema(schema['properties']) ? schema['properties'] : {}
  return Object.entries(properties).flatMap(([name, child]) => {
    const below = path === '' ? name : `${path}.${name}`
    if (!isSchema(child) || name === 'peers') return []
    const value = isSchema(defaults) ? defaults[name] : undefined
    if (isSchema(child['properties'])) return leaves(child, value, below)
    const text = typeof child['description'] === 'string' ? child['description'] : ''
    return [{ path: below, value, description: text }]
  })
}
