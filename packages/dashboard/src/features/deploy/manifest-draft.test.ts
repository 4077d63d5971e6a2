import { expect, test } from 'vitest'
import { emptyDraft, fromYaml, problemsOf, toYaml, withSpec } from './manifest-draft.ts'

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

test.each(['spec: [', 'just text', 'metadata: {}'])('%j is no manifest, and says why', (text) => {
  const read = fromYaml(text)
  expect(!read.ok && read.problem.length).toBeGreaterThan(10)
})
