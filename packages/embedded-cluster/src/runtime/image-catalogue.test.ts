import { expect, test } from 'vitest'
import { findImage } from './image-catalogue.ts'

test.each([
  'porpulsion/hello',
  'porpulsion/hello:latest',
  'porpulsion/hello:1',
  'docker.io/porpulsion/hello',
  'docker.io/porpulsion/hello:2',
  'index.docker.io/porpulsion/hello',
])('%s is the hello program', (image) => {
  expect(findImage(image)).toMatchObject({ kind: 'sample', program: 'hello' })
})

test('a reference is given in full', () => {
  expect(findImage('porpulsion/ticker')).toMatchObject({
    image: { reference: 'docker.io/porpulsion/ticker:latest', tag: 'latest' },
  })
})

test.each([
  'nginx',
  'hello',
  'ghcr.io/porpulsion/hello',
  'porpulsion/hello:3',
  'porpulsion/hello-evil',
  `porpulsion/hello@sha256:${'a'.repeat(64)}`,
  'localhost:5000/porpulsion/hello',
])('%s is not in the catalogue, and the refusal says what is and what to do', (image) => {
  const verdict = findImage(image)
  expect(verdict.kind).toBe('unknown')
  expect(verdict).toHaveProperty('message', expect.stringContaining('porpulsion/ticker'))
  expect(verdict).toHaveProperty('message', expect.stringContaining('--kubeconfig'))
})

test.each(['', 'Not An Image', 'a//b', 'hello:'])('"%s" is no reference', (image) => {
  expect(findImage(image).kind).toBe('invalid')
})
