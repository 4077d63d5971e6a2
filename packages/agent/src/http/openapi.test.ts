import { endpoints, errorCodes } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { aDashboard } from '../../test/support/dashboard.ts'
import { docsPage } from './docs-page.ts'
import { openApiDocument } from './openapi.ts'

interface Operation {
  readonly operationId: string
  readonly security?: readonly unknown[]
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>

const versions = ['3.1.0', '3.0.3'] as const

test.each(versions)(
  'OpenAPI %s has every endpoint, its parameters, and who may call it',
  (version) => {
    const document = openApiDocument(version, '1.2.3')
    const paths = document['paths'] as Paths
    for (const [name, endpoint] of Object.entries(endpoints)) {
      const path = endpoint.path.replace(/:([a-zA-Z]+)/g, '{$1}')
      const operation = paths[path]?.[endpoint.method.toLowerCase()]
      expect(operation?.operationId).toBe(name)
      expect(operation?.security).toEqual(endpoint.role === 'anyone' ? [] : undefined)
      const inPath = operation?.parameters.filter((one) => one.in === 'path').map((one) => one.name)
      expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))
    }
    expect(Object.values(paths).flatMap((path) => Object.keys(path))).toHaveLength(
      Object.keys(endpoints).length,
    )
  },
)

test.each(versions)(
  'every reference in OpenAPI %s leads somewhere, and it is plain JSON',
  (version) => {
    const document = openApiDocument(version, '1.2.3')
    const text = JSON.stringify(document)
    expect(JSON.parse(text)).toEqual(document)
    const references = new Set(
      [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1] ?? ''),
    )
    expect(references.size).toBeGreaterThan(5)
    for (const reference of references) {
      const found = reference
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document)
      expect([reference, found]).not.toEqual([reference, undefined])
    }
  },
)

test('OpenAPI 3.0 says nothing its readers do not know', () => {
  const words = JSON.stringify(openApiDocument('3.0.3', '1'))
  for (const word of ['"const":', '"patternProperties":', '"type":['])
    expect(words).not.toContain(word)
})

test('both documents and the docs page are there for anybody, without a script', async () => {
  const { server } = await aDashboard()
  const get = (url: string) => server.app.inject({ url, headers: { host: 'localhost' } })
  expect((await get('/api/openapi.json')).json()).toMatchObject({ openapi: '3.1.0' })
  expect((await get('/api/openapi-3.0.json')).json()).toMatchObject({ openapi: '3.0.3' })
  const page = await get('/api/docs')
  expect(page.headers['content-type']).toMatch(/^text\/html/)
  expect(page.body).not.toContain('<script')
})

test('the docs page names every endpoint and every error', () => {
  const page = docsPage('1.2.3')
  for (const name of Object.keys(endpoints)) expect(page).toContain(`id="${name}"`)
  for (const code of Object.keys(errorCodes)) expect(page).toContain(`<code>${code}</code>`)
})
