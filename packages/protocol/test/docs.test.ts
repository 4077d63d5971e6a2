import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { defaultLimits, SessionCode, StreamCode } from '../src/index.ts'
import { FrameType } from '../src/frame.ts'

const spec = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8').replace(
  / +/g,
  ' ',
)

describe('docs/protocol.md', () => {
  test.each([...new Set([...Object.values(StreamCode), ...Object.values(SessionCode)])])(
    'explains the code %s',
    (code) => {
      expect(spec).toContain(`\`${code}\``)
    },
  )

  test.each(Object.entries(FrameType))('lists the frame %s with its number', (name, type) => {
    expect(spec).toContain(`| 0x${type.toString(16).padStart(2, '0')} | ${name} |`)
  })

  test.each(Object.keys(defaultLimits))('lists the limit %s', (limit) => {
    expect(spec).toContain(`\`${limit}\``)
  })
})
