import type { AppConfig } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { contentOf, filePatch, previewOf, removeSetPatch } from './config-patch.ts'

const motd = { kind: 'configMaps', name: 'site', key: 'motd' } as const

test('one file is set, for the app as it was looked at; the others are not named', () => {
  expect(filePatch(motd, 'Hello', { generation: 4 })).toEqual({
    generation: 4,
    configMaps: { site: { data: { motd: 'Hello' } } },
  })
})

test('a set that is new says where it is mounted', () => {
  const key = { kind: 'secrets', name: 'keys', key: 'password' } as const
  expect(filePatch(key, 'x', { mountPath: '/etc/keys' })).toEqual({
    secrets: { keys: { mountPath: '/etc/keys', data: { password: 'x' } } },
  })
})

test('null removes a file, or a set', () => {
  expect(filePatch(motd, null)).toEqual({ configMaps: { site: { data: { motd: null } } } })
  expect(removeSetPatch('secrets', 'keys', 2)).toEqual({ generation: 2, secrets: { keys: null } })
})

test('what a file says is known of configMaps, and of secrets only when they were asked for', () => {
  const config: AppConfig = {
    metadata: { name: 'web' },
    configMaps: [{ name: 'site', mountPath: '/srv', data: { motd: 'Hello' } }],
    secrets: [{ name: 'keys', mountPath: '/etc/keys', keys: ['password'] }],
  }
  expect(contentOf(config, motd)).toBe('Hello')
  expect(contentOf(config, { kind: 'secrets', name: 'keys', key: 'password' })).toBeUndefined()
})

test('of a long file its first line is shown, cut', () => {
  expect(previewOf('one\ntwo')).toBe('one')
  expect(previewOf('x'.repeat(500))).toHaveLength(121)
})
