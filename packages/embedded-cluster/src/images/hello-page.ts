export interface HelloPage {
  readonly message: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Name, value, name, value, as they came. */
  readonly headers: readonly string[]
  readonly routes: readonly { readonly path: string; readonly help: string }[]
}

/** One page without scripts or foreign resources: it has to look right through any proxy and any policy. */
export function helloPage({ message, env, headers, routes }: HelloPage): string {
  const facts = [
    ['Pod', env['POD_NAME'] ?? env['HOSTNAME'] ?? 'none'],
    ['Namespace', env['POD_NAMESPACE'] ?? 'none'],
    ['Address', env['POD_IP'] ?? 'none'],
    ['Served at', new Date().toISOString()],
  ] as const
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(message)} from ${escape(facts[0][1])}</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; overflow-wrap: anywhere }
th { font-weight: 600; width: 11rem }
code { font: .9em ui-monospace, monospace }
</style>
</head>
<body>
<h1>${escape(message)}</h1>
<p>This page is served by a pod, wherever it runs.</p>
${table(facts)}
<h2>Your request</h2>
${table(pairs(headers))}
<h2>What else there is</h2>
${table(routes.map(({ path, help }) => [path, help]))}
</body>
</html>
`
}

function table(rows: readonly (readonly [string, string])[]): string {
  const cells = rows.map(
    ([name, value]) =>
      `<tr><th scope="row"><code>${escape(name)}</code></th><td>${escape(value)}</td></tr>`,
  )
  return `<table>${cells.join('\n')}</table>`
}

function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, row) => [
    flat[2 * row] ?? '',
    flat[2 * row + 1] ?? '',
  ])
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Headers come from whoever asks. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
