import { endpoints, errorCodes, errorKindMeanings, type Endpoint } from '@porpulsion/contract'
import { escapeHtml } from './login-page.ts'

/**
 * The API for reading: made from the same table as the API, so that neither lies about the other. Plain HTML, so that it
 * needs no script and works wherever the agent does.
 */
export function docsPage(version: string): string {
  const tags = [...new Set(Object.values(endpoints).map(({ tag }) => tag))]
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Porpulsion API</title>
    <style>${style}</style>
  </head>
  <body>
    <h1>Porpulsion API <small>${escapeHtml(version)}</small></h1>
    <p>Pass an API token as <code>Authorization: Bearer porp_…</code> (<code>porpulsion token create</code>), or sign in.
      Bodies are JSON or YAML (<code>Content-Type: application/yaml</code>). Errors are problem documents (RFC 9457)
      with a stable <code>code</code>.
      For programs: <a href="/api/openapi.json">OpenAPI 3.1</a>, <a href="/api/openapi-3.0.json">OpenAPI 3.0</a>.</p>
    <nav aria-label="Sections">${tags.map((tag) => `<a href="#${tag}">${tag}</a>`).join(' ')}
      <a href="#tunnels">Tunnels</a> <a href="#errors">Errors</a></nav>
    ${tags.map(section).join('\n')}
    ${tunnels}
    ${errors()}
  </body>
</html>
`
}

function section(tag: string): string {
  const lines = Object.entries(endpoints as Readonly<Record<string, Endpoint>>)
    .filter(([, endpoint]) => endpoint.tag === tag)
    .map(([name, endpoint]) => entry(name, endpoint))
  return `<h2 id="${tag}">${tag}</h2>\n${lines.join('\n')}`
}

function entry(name: string, endpoint: Endpoint): string {
  const { method, path, summary, role, query, body, response } = endpoint
  const parameters = Object.keys(query.properties)
  return `<details id="${name}">
  <summary><code class="${method}">${method}</code> <code>${escapeHtml(path)}</code> ${escapeHtml(summary)}</summary>
  <p>${role === 'anyone' ? 'Needs no account.' : `Needs the role <b>${role}</b> or above.`} Answers ${endpoint.status}${answers[endpoint.format]}.</p>
  ${parameters.length === 0 ? '' : `<h3>Query</h3>${schema(query)}`}
  ${body === undefined ? '' : `<h3>Body</h3>${schema(body)}`}
  ${response === undefined ? '' : `<h3>Answer</h3>${schema(response)}`}
  <h3>Try it</h3><pre>${escapeHtml(curl(endpoint))}</pre>
</details>`
}

const answers: Readonly<Record<Endpoint['format'], string>> = {
  json: '',
  ndjson: ', one JSON document per line, as they come',
  sse: ', server-sent events; <code>Last-Event-ID</code> resumes',
  websocket: ', a WebSocket',
}

const schema = (value: object): string =>
  `<details><summary>JSON Schema</summary><pre>${escapeHtml(JSON.stringify(value, undefined, 2))}</pre></details>`

function curl({ method, path, body }: Endpoint): string {
  const verb = method === 'GET' ? '' : ` -X ${method}`
  const data =
    body === undefined ? '' : " \\\n  -H 'Content-Type: application/yaml' --data-binary @body.yaml"
  return `curl -H "Authorization: Bearer $TOKEN"${verb} http://localhost:8000${path}${data}`
}

const tunnels = `<h2 id="tunnels">Tunnels</h2>
    <p>Every port of an app has an origin of its own, <code>http://&lt;port&gt;--&lt;name&gt;--&lt;namespace&gt;.localhost:8000</code>,
      opened by the URL of <a href="#createAppUrl"><code>createAppUrl</code></a>. Programs may also use
      <code>ANY /api/remoteapp/:id/proxy/&lt;port&gt;/&lt;path&gt;</code> with an API token (role <b>operator</b>), or with a ticket in the query
      (<code>porpulsion-ticket</code>) or the header <code>X-Porpulsion-Ticket</code>. A session cookie alone opens neither.</p>`

function errors(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, { kind, means }]) =>
      `<tr><td><code>${code}</code><td>${kind}<td>${errorKindMeanings[kind].http}<td>${escapeHtml(means)}`,
  )
  return `<h2 id="errors">Errors</h2>
    <table><thead><tr><th>Code<th>Kind<th>Status<th>Means</thead><tbody>${rows.join('\n')}</tbody></table>`
}

const style = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c2530; background: #fff }
  h2 { margin-top: 2.5rem } h3 { margin: .75rem 0 .25rem; font-size: 1rem }
  code, pre { font: 14px/1.45 ui-monospace, monospace } pre { overflow-x: auto; padding: .75rem; background: #f2f4f7 }
  details { border-bottom: 1px solid #d7dce2; padding: .4rem 0 } details details { border: 0 } summary { cursor: pointer }
  table { border-collapse: collapse } td, th { text-align: left; vertical-align: top; padding: .2rem .75rem .2rem 0 }
  .GET { color: #0b6b3a } .POST, .PUT, .PATCH { color: #7a4b00 } .DELETE { color: #a11a1a }
  @media (prefers-color-scheme: dark) {
    body { color: #e6e9ee; background: #14181d } pre { background: #1e242b } a { color: #8ab4f8 } details { border-color: #39424d }
    .GET { color: #6fd39c } .POST, .PUT, .PATCH { color: #e0b566 } .DELETE { color: #ff9d9d }
  }
`
