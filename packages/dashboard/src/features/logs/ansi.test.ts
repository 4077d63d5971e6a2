import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ansiPieces, plainText } from './ansi.ts'

const esc = '\u001b'

test('colours and weights last until they are taken back', () => {
  expect(ansiPieces(`a ${esc}[1;31mred${esc}[39m bold${esc}[0m plain`)).toEqual([
    { text: 'a ', style: {} },
    { text: 'red', style: { isBold: true, color: 'var(--ansi-1)' } },
    { text: ' bold', style: { isBold: true } },
    { text: ' plain', style: {} },
  ])
})

test.each([
  ['38;5;196', 'rgb(255 0 0)'],
  ['38;5;244', 'rgb(128 128 128)'],
  ['38;5;3', 'var(--ansi-3)'],
  ['38;2;1;2;999', 'rgb(1 2 255)'],
])('%s is the colour %s', (code, color) => {
  expect(ansiPieces(`${esc}[${code}mx`)).toEqual([{ text: 'x', style: { color } }])
})

test('what moves cursors, names windows or rings bells is not shown', () => {
  expect(plainText(`${esc}[2K${esc}]0;title\u0007ok\u0007${esc}[?25h\r`)).toBe('ok')
})

test('whatever a line holds, its pieces together are its plain text, and nothing in them is for a terminal', () => {
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom(`${esc}[`, `${esc}[31m`, `${esc}]8;;x`, '\u0000', esc, '38;5', 'm', ';'),
  )
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const line = parts.join('')
      const shown = ansiPieces(line)
        .map(({ text }) => text)
        .join('')
      expect(shown).toBe(plainText(line))
      expect(shown).not.toMatch(/[\x00-\x08\x0b-\x1f]/)
    }),
  )
})
