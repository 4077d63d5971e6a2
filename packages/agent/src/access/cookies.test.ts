import { expect, test } from 'vitest'
import { readCookies, removeCookies, serializeCookie } from './cookies.ts'

test('the first of two cookies of one name counts, and values may hold "="', () => {
  expect([...readCookies('a=1; b=x=y;a=2; junk')]).toEqual([
    ['a', '1'],
    ['b', 'x=y'],
    ['', 'junk'],
  ])
  expect(readCookies(undefined).size).toBe(0)
})

test('a cookie is for this host alone and no script sees it', () => {
  expect(serializeCookie('s', 'v', { path: '/', secure: true, sameSite: 'Strict' })).toBe(
    's=v; Path=/; HttpOnly; SameSite=Strict; Secure',
  )
  expect(
    serializeCookie('s', '', { path: '/x/', secure: false, sameSite: 'Lax', maxAgeSeconds: 0 }),
  ).toBe('s=; Path=/x/; Max-Age=0; HttpOnly; SameSite=Lax')
})

test.each([
  ['ours=1; a="b c"; theirs=2', 'a="b c"; theirs=2'],
  ['a=1;  b=2', 'a=1;  b=2'],
  ['ours=1', undefined],
  ['ours=1; ours=2; b=', 'b='],
])('our cookies are taken out of %j, and what stays keeps its bytes', (header, rest) => {
  expect(removeCookies(header, (name) => name === 'ours')).toBe(rest)
})
