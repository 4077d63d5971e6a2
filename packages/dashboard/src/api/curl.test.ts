import { endpoints } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { curlOf, quoted } from './curl.ts'

test('a request can be pasted into a shell, whatever is in it', () => {
  const command = curlOf(
    endpoints.scaleRemoteApp,
    { params: { id: "it's $HOME" }, body: { replicas: 2 } },
    'http://localhost:8000',
  )
  expect(command).toBe(
    [
      `curl -X POST 'http://localhost:8000/api/remoteapp/it'\\''s%20%24HOME/scale' \\`,
      `  -H "Authorization: Bearer $PORPULSION_TOKEN" \\`,
      `  -H 'content-type: application/json' \\`,
      `  -d '{\n  "replicas": 2\n}'`,
    ].join('\n'),
  )
})

test('only what a shell would read otherwise is quoted', () => {
  expect([quoted('web'), quoted('a b'), quoted('')]).toEqual(['web', "'a b'", "''"])
})
