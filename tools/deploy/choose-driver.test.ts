import { expect, test } from 'vitest'
import { chooseDriver } from './choose-driver.mjs'

const testbed = { kind: 'testbed', folder: '/clusters', prefix: 'try', firstIndex: 1 } as const

test('without a word it is Docker Compose', () => {
  expect(chooseDriver({}, undefined)).toEqual({ kind: 'compose' })
  expect(chooseDriver({ DRIVER: 'compose' }, undefined)).toEqual({ kind: 'compose' })
})

test('a testbed is told by its folder, a prefix for names, and the first of three indexes', () => {
  expect(chooseDriver({ DRIVER: 'testbed', RK: '/clusters' }, undefined)).toEqual(testbed)
  const env = { DRIVER: 'testbed', RK: '/clusters', RK_PREFIX: 'mine', RK_FIRST_INDEX: '7' }
  expect(chooseDriver(env, undefined)).toEqual({ ...testbed, prefix: 'mine', firstIndex: 7 })
})

test('later commands go on with the clusters that are here', () => {
  expect(chooseDriver({}, testbed)).toEqual(testbed)
  expect(chooseDriver({ DRIVER: 'testbed', RK: '/clusters' }, testbed)).toEqual(testbed)
})

test('clusters of another driver are not forgotten for a new one', () => {
  expect(() => chooseDriver({ DRIVER: 'compose' }, testbed)).toThrow(
    /made with DRIVER=testbed RK=\/clusters .* not with Docker Compose.*make teardown/,
  )
  const elsewhere = { DRIVER: 'testbed', RK: '/clusters', RK_FIRST_INDEX: '4' }
  expect(() => chooseDriver(elsewhere, testbed)).toThrow('make teardown')
})

test.each([
  [{ DRIVER: 'minikube' }, 'There is no driver "minikube": DRIVER is compose or testbed'],
  [{ DRIVER: 'testbed' }, 'needs RK'],
  [{ DRIVER: 'testbed', RK: 'clusters' }, 'absolute path'],
  [{ DRIVER: 'testbed', RK: '/x', RK_PREFIX: 'A-' }, 'RK_PREFIX="A-"'],
  [{ DRIVER: 'testbed', RK: '/x', RK_FIRST_INDEX: '8' }, 'RK_FIRST_INDEX="8"'],
])('%j is refused with what would be right', (env, message) => {
  expect(() => chooseDriver(env, undefined)).toThrow(message)
})
