import { expect, test } from 'vitest'
import { readText, withName, withoutValue, withValue } from './manifest-document.ts'

const written = `# The shop
metadata: {name: web}
spec:
  image: nginx   # pinned later
  replicas: 0o10
  ports:
  - port: 80
    # for people
    name: http
  args: [--verbose, "yes"]
`

test('an edit changes its line, and nothing else that was written', () => {
  expect(withValue(written, ['spec', 'image'], 'nginx:1.29')).toBe(
    written.replace('nginx   #', 'nginx:1.29 #'),
  )
  expect(withValue(written, ['spec', 'ports', 0, 'name'], 'web')).toBe(
    written.replace('name: http', 'name: web').replace('nginx   #', 'nginx #'),
  )
})

test.each(['yes', '0644', '22:22', '2026-01-01', '1e3', '', 'a: b', 'two\nlines\n', '~', '#'])(
  'the text %j is still that text for any reader',
  (value) => {
    const text = withValue('spec:\n  image: x\n', ['spec', 'image'], value)
    expect(readText(text)).toEqual({ ok: true, value: { spec: { image: value } } })
    if (value === '2026-01-01') expect(text).toContain('"2026-01-01"')
  },
)

test('what is missing on the way is made', () => {
  const text = withValue('', ['spec', 'ports'], [{ port: 80 }])
  expect(text).toBe('spec:\n  ports:\n    - port: 80\n')
  expect(withValue('spec:\n', ['spec', 'resources', 'limits', 'cpu'], '1')).toBe(
    'spec:\n  resources:\n    limits:\n      cpu: "1"\n',
  )
})

test('a field of the spec is added at its usual place', () => {
  expect(
    withValue('spec:\n  # mine\n  image: x\n  labels: {}\n', ['spec', 'targetPeer'], 'b'),
  ).toBe('spec:\n  # mine\n  targetPeer: b\n  image: x\n  labels: {}\n')
  expect(withValue('spec:\n  image: x\n  labels: {}\n', ['spec', 'replicas'], 2)).toBe(
    'spec:\n  image: x\n  replicas: 2\n  labels: {}\n',
  )
})

test('what became empty goes, as far up as it may', () => {
  const text = 'spec:\n  image: x\n  resources:\n    limits:\n      cpu: 1\n'
  const path = ['spec', 'resources', 'limits', 'cpu']
  expect(withoutValue(text, path, 1)).toBe('spec:\n  image: x\n')
  expect(withoutValue(text, path)).toBe('spec:\n  image: x\n  resources:\n    limits: {}\n')
})

test('a renamed key stays at its place', () => {
  expect(withName('data:\n  a: 1 # one\n  b: 2\n', ['data', 'a'], 'first')).toBe(
    'data:\n  first: 1 # one\n  b: 2\n',
  )
})

test('an edit of what an alias stands for leaves the other alone', () => {
  const text = 'a: &r\n  cpu: 1\nb: *r\n'
  expect(readText(withValue(text, ['b', 'cpu'], '2'))).toEqual({
    ok: true,
    value: { a: { cpu: 1 }, b: { cpu: '2' } },
  })
})

test('what is no YAML says where', () => {
  expect(readText('spec:\n  a: [1')).toMatchObject({
    ok: false,
    problem: expect.stringMatching(/^Line 2, column \d+: /) as string,
  })
  expect(readText('just text')).toMatchObject({ ok: false })
})
