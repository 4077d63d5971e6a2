import { expect, test } from 'vitest'
import { web } from '../../test/support/tunnel.ts'
import { appHostName, createAppHosts } from './app-host.ts'

const domain = 'apps.example.com'
const appHost = createAppHosts(domain)

test.each([
  ['a short name', web, 8080, '8080--web--porpulsion'],
  [
    'the longest that fits',
    { ...web, name: 'a'.repeat(45) },
    8080,
    `8080--${'a'.repeat(45)}--porpulsion`,
  ],
  ['one too long', { ...web, name: 'a'.repeat(46) }, 8080, '8080--11111111'],
  ['one that could be read in two ways', { ...web, name: 'a--b' }, 80, '80--11111111'],
  ['a namespace that could', { ...web, namespace: 'x--y' }, 80, '80--11111111'],
])('%s makes a host name that is read back', (_name, app, port, label) => {
  const host = appHostName(app, port, domain)
  expect(host).toBe(`${label}.${domain}`)
  const parsed = appHost(host.toUpperCase())
  expect(parsed?.port).toBe(port)
  expect(parsed?.kind === 'named' ? parsed.name : parsed?.uidPrefix).toBe(
    label.endsWith('11111111') ? '11111111' : app.name,
  )
  expect(appHost(host.toUpperCase())).toEqual(parsed)
})

test.each([
  'localhost',
  domain,
  `web.${domain}`,
  `0--web--ns.${domain}`,
  `65536--web--ns.${domain}`,
  `080--web--ns.${domain}`,
  `8080--web.${domain}`,
  `8080--web--ns--x.${domain}`,
  `8080--web--ns.evil.${domain}`,
  `8080--web--ns.${domain}.evil`,
  `8080---web--ns.${domain}`,
  `8080--web--ns.evil-${domain}`,
])('%s is no app', (host) => {
  expect(appHost(host)).toBeUndefined()
})
