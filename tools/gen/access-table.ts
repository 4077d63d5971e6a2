import { endpoints, roles, type Endpoint } from '../../packages/contract/src/index.ts'

/** docs/access.md: who may call what. The same table is enforced, and tested for every role. */
export function accessTable(): string {
  const columns = ['anyone', ...roles]
  return `<!-- Generated from packages/contract by \`npm run gen\`. -->

# Who may do what

Every operation of the REST API ([api.md](api.md)) and the roles that may call it: of users, and of API tokens. A role may
all that the roles before it may. Operations that are audited leave an entry in the audit trail under this name
([security.md](security.md#the-audit-trail)), whoever called them and however it ended.

| operation | endpoint | ${columns.join(' | ')} | audited |
| --- | --- | ${columns.map(() => ':-:').join(' | ')} | :-: |
${Object.entries(endpoints).map(row).join('\n')}
`
}

function row([name, { method, path, role, format, onlyAsks }]: readonly [
  string,
  Endpoint,
]): string {
  const least = role === 'anyone' ? -1 : roles.indexOf(role)
  const may = ['anyone', ...roles].map((_, at) => (at - 1 >= least ? '✓' : ''))
  const audited = onlyAsks || (method === 'GET' && format !== 'websocket') ? '' : '✓'
  return `| ${name} | \`${method} ${path}\` | ${may.join(' | ')} | ${audited} |`
}
