import { expect, test } from 'vitest'
import { normaliseImage } from './image-reference.ts'

const digest = `sha256:${'a'.repeat(64)}`

test.each([
  ['nginx', 'docker.io/library/nginx:latest'],
  ['nginx:1.29', 'docker.io/library/nginx:1.29'],
  ['porpulsion/hello', 'docker.io/porpulsion/hello:latest'],
  [`nginx@${digest}`, `docker.io/library/nginx@${digest}`],
  [`nginx:1.29@${digest}`, `docker.io/library/nginx:1.29@${digest}`],
  ['localhost:5000/x', 'localhost:5000/x:latest'],
  ['index.docker.io/evil/x', 'docker.io/evil/x:latest'],
  ['registry-1.docker.io/evil/x', 'docker.io/evil/x:latest'],
  ['Docker.IO/evil/x', 'docker.io/evil/x:latest'],
  ['docker.io:443/evil/x', 'docker.io/evil/x:latest'],
  ['GHCR.io/me/app:1', 'ghcr.io/me/app:1'],
])('%s is %s', (image, normalised) => {
  expect(normaliseImage(image)).toBe(normalised)
})

test.each([
  '',
  'UPPER',
  'a:b:c',
  'nginx@sha256:abc',
  ' nginx',
  'http://x/y',
  'a//b',
  '-x',
  'b'.repeat(64),
])('%j is no image', (image) => {
  expect(normaliseImage(image)).toBeUndefined()
})
