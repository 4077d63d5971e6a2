import type { FastifyInstance } from 'fastify'
import { parseYaml } from '../documents/index.ts'

const jsonTypes = ['application/json', 'application/merge-patch+json']
const yamlTypes = [
  'application/yaml',
  'application/x-yaml',
  'text/yaml',
  'application/apply-patch+yaml',
]

/** JSON and YAML; every other type of body is refused. An empty body is none. */
export function addBodyParsers(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(jsonTypes, { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else parseJson.call(app, request, body.toString(), done)
  })
  app.addContentTypeParser(yamlTypes, { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseYaml(body.toString()) ?? undefined)
    } catch (error) {
      done(error as Error) // parseYaml throws PorpulsionErrors only
    }
  })
}
