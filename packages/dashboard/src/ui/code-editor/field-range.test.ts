import { expect, test } from 'vitest'
import { parseYamlDocument } from '../../api/manifest-yaml.ts'
import { rangeOfField } from './field-range.ts'

const text = `metadata: {name: web}
spec:
  ports:
    - port: 80
      name: HTTP
  configMaps:
    - name: web
      data:
        default: a
        default.conf: b
        "8080": c
`
const document = parseYamlDocument(text)
const at = (path: string): string => {
  const { from, to } = rangeOfField(document, path)
  return `${text.slice(0, from).split('\n').length}: ${text.slice(from, to)}`
}

test.each([
  ['metadata.name', '1: name'],
  ['spec.ports[0].name', '5: name'],
  ['spec.ports[0]', '4: port'],
  ['spec.configMaps[0].data.default.conf', '10: default.conf'],
  ['spec.configMaps[0].data.default', '9: default'],
  ['spec.configMaps[0].data[8080]', '11: "8080"'],
])('%s stands at its key', (path, place) => {
  expect(at(path)).toBe(place)
})

test('what is missing stands where it would belong', () => {
  expect(at('spec.image')).toBe('2: spec')
  expect(at('spec.ports[0].protocol')).toBe('4: port')
  expect(at('(body)')).toBe('1: ')
})
