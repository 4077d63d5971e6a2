import { expect, test } from 'vitest'
import { toYaml } from '../../api/manifest-yaml.ts'
import { emptyDraft, fromYaml, problemsOf, withSpec } from './manifest-draft.ts'

test('what the form does not show survives a round through it', () => {
  const text = toYaml({
    ...emptyDraft,
    spec: { image: 'nginx', targetPeer: 'b', securityContext: { runAsUser: 7 } },
  })
  const read = fromYaml(text)
  expect(read.ok && withSpec(read.draft, 'replicas', 3).spec).toEqual({
    image: 'nginx',
    targetPeer: 'b',
    replicas: 3,
    securityContext: { runAsUser: 7 },
  })
})

test('a field that became empty is left out', () => {
  const draft = withSpec(emptyDraft, 'ports', [{ port: 80 }])
  expect(withSpec(draft, 'ports', []).spec).not.toHaveProperty('ports')
})

test('an empty draft says what is still missing', () => {
  expect(problemsOf(emptyDraft).map((problem) => problem.path)).toEqual(
    expect.arrayContaining(['spec.targetPeer', 'metadata.name']),
  )
})

test('what deploys from the form deploys the same from its YAML', () => {
  const draft = {
    ...emptyDraft,
    metadata: { name: 'web' },
    spec: {
      image: 'porpulsion/hello',
      targetPeer: 'b',
      replicas: 2,
      env: [
        { name: 'ON', value: 'yes' },
        { name: 'AT', value: '22:22' },
        { name: 'HOST', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      ],
      labels: { version: '1.10', since: '2026-01-01' },
    },
  }
  expect(problemsOf(draft)).toEqual([])
  expect(fromYaml(toYaml(draft))).toEqual({ ok: true, draft })
})

test.each([
  ['spec: [', /./],
  ['just text', /"metadata" and "spec"/],
  ['metadata: {}', /^spec must be a map/],
  ['metadata: {name: 7}\nspec: {}', /^metadata.name must be text/],
  ['metadata: {}\nspec: {ports: 80}', /^spec.ports must be a list of maps/],
  ['metadata: {}\nspec: {env: {A: b}}', /^spec.env must be a list of maps/],
  ['metadata: {}\nspec: {secrets: [{data: x}]}', /^spec.secrets must be/],
])('the form does not show %j, and the reason names the field', (text, reason) => {
  const read = fromYaml(text)
  expect(read).toEqual({ ok: false, problem: expect.stringMatching(reason) as string })
})
