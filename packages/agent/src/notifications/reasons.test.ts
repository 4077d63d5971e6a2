import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { notificationReasons } from '@porpulsion/contract'
import { expect, test } from 'vitest'

const sources = join(import.meta.dirname, '..')

test('every reason that is documented is told by somebody', () => {
  const texts = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(sources, file), 'utf8'))
  const silent = Object.keys(notificationReasons).filter(
    (reason) => !texts.some((text) => text.includes(`'${reason}'`)),
  )
  expect(silent).toEqual([])
})
