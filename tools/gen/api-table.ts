import { endpoints } from '../../packages/contract/src/index.ts'

/** docs/api.md: the REST API in one table; the full description is served by every agent. */
export function apiTable(): string {
  const rows = Object.values(endpoints).map(
    ({ method, path, role, summary }) => `| \`${method} ${path}\` | ${role} | ${summary} |`,
  )
  return `<!-- Generated from packages/contract by \`npm run gen\`. -->

# REST API

Every agent serves it on its dashboard port, described in full at \`/api/openapi.json\` (OpenAPI 3.1),
\`/api/openapi-3.0.json\` (3.0.3) and, to read and try, at \`/api/docs\`. Errors are problem documents
([errors.md](errors.md)). Send \`Authorization: Bearer <token>\`; \`porpulsion token create\` makes one.

| endpoint | least role | what it does |
| --- | --- | --- |
${rows.join('\n')}
`
}
