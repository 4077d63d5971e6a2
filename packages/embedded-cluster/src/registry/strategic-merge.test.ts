import { expect, test } from 'vitest'
import { BuiltinShapes } from './builtin-shapes.ts'
import { strategicMerge } from './strategic-merge.ts'

const shape = new BuiltinShapes().of('core.PodSpec')

const spec = {
  containers: [
    { name: 'main', image: 'a', args: ['x'], env: [{ name: 'A', value: '1' }] },
    { name: 'side', image: 'b' },
  ],
  nodeSelector: { zone: 'a' },
}

test('lists of named things merge by name, plain lists are replaced', () => {
  const patch = {
    containers: [{ name: 'main', args: ['y'], env: [{ name: 'B', value: '2' }] }],
  }
  expect(strategicMerge(spec, patch, shape)['containers']).toEqual([
    {
      name: 'main',
      image: 'a',
      args: ['y'],
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    },
    { name: 'side', image: 'b' },
  ])
})

test('null removes a field and $patch: delete an element', () => {
  const patch = {
    nodeSelector: null,
    containers: [{ name: 'side', $patch: 'delete' }],
  }
  const result = strategicMerge(spec, patch, shape)
  expect(result['nodeSelector']).toBeUndefined()
  expect(result['containers']).toEqual([spec.containers[0]])
})

test('$patch: replace leaves nothing of what was', () => {
  const patch = { containers: [{ $patch: 'replace' }, { name: 'new', image: 'c' }] }
  expect(strategicMerge(spec, patch, shape)['containers']).toEqual([{ name: 'new', image: 'c' }])
})

test('$setElementOrder orders what is named, and new elements with it', () => {
  const patch = {
    '$setElementOrder/containers': [{ name: 'new' }, { name: 'side' }, { name: 'main' }],
    containers: [{ name: 'new', image: 'c' }],
  }
  const containers = strategicMerge(spec, patch, shape)['containers'] as { name: string }[]
  expect(containers.map(({ name }) => name)).toEqual(['new', 'side', 'main'])
})

test('$retainKeys drops what the new variant of a union does not have', () => {
  const deployment = new BuiltinShapes().of('apps.DeploymentSpec')
  const rolling = { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } }
  const patch = { strategy: { $retainKeys: ['type'], type: 'Recreate' } }
  expect(strategicMerge(rolling, patch, deployment)).toEqual({ strategy: { type: 'Recreate' } })
})

test('$deleteFromPrimitiveList takes out members', () => {
  const meta = new BuiltinShapes().of('meta.ObjectMeta')
  const patch = { '$deleteFromPrimitiveList/finalizers': ['a'], finalizers: ['c'] }
  expect(strategicMerge({ finalizers: ['a', 'b'] }, patch, meta)).toEqual({
    finalizers: ['b', 'c'],
  })
})

test('neither the object nor the patch is changed', () => {
  const before = structuredClone(spec)
  const patch = { containers: [{ name: 'main', env: [{ name: 'A', value: '9' }] }] }
  const patchBefore = structuredClone(patch)
  strategicMerge(spec, patch, shape)
  expect(spec).toEqual(before)
  expect(patch).toEqual(patchBefore)
})

test('an element without its key, and an unknown directive, are refused', () => {
  expect(() => strategicMerge(spec, { containers: [{ image: 'x' }] }, shape)).toThrow(
    'does not contain declared merge key: name',
  )
  expect(() => strategicMerge(spec, { $patch: 'explode' }, shape)).toThrow(
    'Unknown patch directive',
  )
})
