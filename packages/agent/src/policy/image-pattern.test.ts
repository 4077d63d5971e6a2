import { describe, expect, test } from 'vitest'
import { isAllowedBy, isBlockedBy } from './image-pattern.ts'
import { parseImage } from './image-reference.ts'

const digest = `sha256:${'a'.repeat(64)}`

const allows = (line: string, image: string): boolean => isAllowedBy(line, parseImage(image)!)
const blocks = (line: string, image: string): boolean => isBlockedBy(line, parseImage(image)!)

describe('an allow line admits', () => {
  test.each([
    ['nginx', 'nginx'],
    ['nginx', 'docker.io/library/nginx:1.29'],
    ['nginx:1.29', 'nginx:1.29'],
    ['docker.io/nginx', 'nginx'],
    ['ghcr.io/myorg', 'ghcr.io/myorg/app:1'],
    ['ghcr.io/myorg/', 'ghcr.io/myorg/team/app'],
    ['GHCR.io/myorg', 'ghcr.io/myorg/app'],
    ['ghcr.io', 'ghcr.io/anyone/app'],
    ['localhost:5000', 'localhost:5000/app'],
    ['docker.io', 'nginx'],
    ['porpulsion/hello', 'porpulsion/hello'],
    ['porpulsion/', 'porpulsion/hello:2'],
    ['porpulsion/*', 'porpulsion/hello:2'],
    ['ghcr.io/*/app', 'ghcr.io/me/app:1'],
    ['ghcr.io/me/*:v1', 'ghcr.io/me/app:v1'],
    ['ghcr.io/**', 'ghcr.io/me/team/app:1'],
    ['*.gcr.io/me/**', 'eu.gcr.io/me/app'],
    ['nginx:1.*', 'nginx:1.29'],
    ['**', 'ghcr.io/me/team/app:1'],
    [`nginx@${digest}`, `nginx@${digest}`],
    [`nginx:1.29@${digest}`, `nginx:1.29@${digest}`],
    ['nginx', `nginx:1.29@${digest}`],
  ])('%s: %s', (line, image) => {
    expect(allows(line, image)).toBe(true)
  })
})

describe('an allow line does not admit', () => {
  test.each([
    ['ghcr.io/myorg', 'ghcr.io/myorg-evil/app'],
    ['ghcr.io/myorg', 'ghcr.io/myorganisation/app'],
    ['nginx:1', 'nginx:1.29'],
    ['nginx', 'nginx-evil'],
    ['nginx', 'evil/nginx'],
    ['nginx', 'ghcr.io/library/nginx'],
    ['docker.io/myorg', 'myorg/app'], // reads as the official image; `docker.io/myorg/` is the organisation
    ['ghcr.io/*', 'ghcr.io/me/app'], // `*` stays within a segment
    ['*', 'ghcr.io/me/app'],
    ['*/app', 'ghcr.io/me/app'],
    ['ghcr.io', 'ghcr.io.evil.com/x/y'],
    ['localhost:5000', 'localhost:50001/app'],
    ['nginx:1.29', `nginx:1.29@${digest}`], // the tag is decoration there
    ['nginx:*', `nginx:1.29@${digest}`],
    [`nginx@${digest}`, 'nginx'],
  ])('%s: %s', (line, image) => {
    expect(allows(line, image)).toBe(false)
  })
})

describe('a block line stops', () => {
  test.each([
    ['docker.io/evil/', 'evil/x'],
    ['docker.io/evil/', 'index.docker.io/evil/x'],
    ['docker.io/evil/', 'registry-1.docker.io:443/evil/x'],
    ['docker.io/evil', 'evil/x'],
    ['evil', 'evil/x'],
    ['evil/', 'docker.io/evil/x'],
    ['evil/*', 'evil/x:1'],
    ['evil/x', `evil/x@${digest}`],
    ['nginx:1.19', `nginx:1.19@${digest}`],
    ['*/miner', 'evil/miner'],
    ['**/miner', 'ghcr.io/evil/miner:7'],
    ['quay.io', 'QUAY.io:443/x/y'],
    ['**', 'nginx'],
  ])('%s: %s', (line, image) => {
    expect(blocks(line, image)).toBe(true)
  })
})

describe('a block line lets pass', () => {
  test.each([
    ['docker.io/evil/', 'evil2/x'],
    ['evil', 'ghcr.io/evil/x'],
    ['nginx:1.19', 'nginx:1.19.1'],
    ['ghcr.io/my', 'ghcr.io/myorg/app'],
  ])('%s: %s', (line, image) => {
    expect(blocks(line, image)).toBe(false)
  })
})
