import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { defaultSettings } from '@porpulsion/contract'
import { expect, onTestFinished, test } from 'vitest'
import { exchange, type RawAnswer } from '../../test/support/raw-http.ts'
import { aTunnel, web, webHost, type TestTunnel } from '../../test/support/tunnel.ts'
import { TICKET_LIFE_MS } from '../access/tickets.ts'

const belowPath = `/api/remoteapp/${web.uid}/proxy/8080`
const navigation = ['Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document', 'Accept: text/html']

/** An app that says what it got, and sets the cookies it is asked to. */
async function anApp(): Promise<number> {
  const server = createServer((request, response) => {
    const cookies = request.headers['x-set-cookie']
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(typeof cookies === 'string' && { 'set-cookie': cookies.split('|') }),
      ...(request.headers['x-origin-wide'] !== undefined && {
        'clear-site-data': '"*"',
        'strict-transport-security': 'max-age=1; includeSubDomains',
        'service-worker-allowed': '/',
      }),
    })
    response.end(JSON.stringify({ url: request.url, headers: request.headers }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const theTunnel = async (): Promise<TestTunnel> => aTunnel({ origin: await anApp() })

interface Asked {
  readonly method?: string
  readonly host?: string
  readonly path?: string
  readonly headers?: readonly string[]
}

function ask({ port }: TestTunnel, asked: Asked): Promise<RawAnswer> {
  const { method = 'GET', host = webHost, path = '/', headers = [] } = asked
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}:8000`,
    ...headers,
    'Connection: close',
  ]
  return exchange(port, `${lines.join('\r\n')}\r\n\r\n`)
}

const headerOf = ({ headers }: RawAnswer, wanted: string): string | undefined =>
  headers.find(([name]) => name.toLowerCase() === wanted)?.[1]
const headersOf = ({ headers }: RawAnswer, wanted: string): readonly string[] =>
  headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)
/** A person gets the same code in a page. */
const codeOf = ({ body }: RawAnswer): string | undefined =>
  /"code":"(\w+)"|<small>(\w+)/.exec(body.toString())?.slice(1).find(Boolean)
const seenBy = ({
  body,
}: RawAnswer): { url: string; headers: Record<string, string | undefined> } =>
  JSON.parse(body.toString()) as { url: string; headers: Record<string, string | undefined> }

async function cookieFor(tunnel: TestTunnel): Promise<string> {
  const path = `/?porpulsion-ticket=${tunnel.ticket()}`
  const answer = await ask(tunnel, { path, headers: navigation })
  return headerOf(answer, 'set-cookie')?.split(';')[0] ?? ''
}

/** As callers know the dashboard. */
const us = 'http://localhost:8000'
const by = ({ caller }: TestTunnel) => ({ caller, origin: us })

test('a URL with its ticket gives the page, without the ticket 401', async () => {
  const tunnel = await theTunnel()
  const { url, pathUrl } = tunnel.tunnels.createUrl('web', { path: '/a%2Fb?x=1' }, by(tunnel))
  for (const each of [url, pathUrl]) {
    const { hostname: host, pathname, search } = new URL(each)
    const answer = await ask(tunnel, { host, path: pathname + search })
    expect([answer.status, seenBy(answer).url]).toEqual(['200 OK', '/a%2Fb?x=1'])
    const without = await ask(tunnel, { host, path: pathname })
    expect([without.status, codeOf(without)]).toEqual(['401 Unauthorized', 'TicketInvalid'])
  }
})

test('who opened an app is in the audit trail, and that somebody was refused', async () => {
  const tunnel = await theTunnel()
  const about = 'remoteapp/porpulsion,web:8080'
  const token = await tunnel.tokenOf('operator')
  await ask(tunnel, { path: `/?porpulsion-ticket=${tunnel.ticket()}` })
  await ask(tunnel, {
    host: 'localhost',
    path: `${belowPath}/`,
    headers: [`Authorization: Bearer ${token}`],
  })
  await ask(tunnel, { path: '/secret-path' })
  await ask(tunnel, { host: 'localhost', path: '/api/remoteapp/other/proxy/1/' })
  const from = '127.0.0.1'
  const refused = { actor: 'anyone', outcome: 'refused', reason: 'TicketInvalid', from }
  expect(tunnel.tunnelsAudited).toEqual([
    { actor: 'ticket', action: 'openTunnel', about, outcome: 'done', from },
    { actor: 'token/operator-1', action: 'openTunnel', about, outcome: 'done', from },
    { ...refused, action: 'openTunnel' },
    { ...refused, action: 'openTunnel' },
  ])
})

test('the ticket never reaches the app, however it came', async () => {
  const tunnel = await theTunnel()
  const ticket = tunnel.ticket()
  for (const path of [
    `/?porpulsion-ticket=${ticket}`,
    `/x?a=1&porpulsion-ticket=${ticket}&b=%20`,
    '/',
  ]) {
    const answer = await ask(tunnel, {
      path,
      headers: [
        `X-Porpulsion-Ticket: ${ticket}`,
        `Referer: http://${webHost}:8000/?a=1&porpulsion-ticket=${ticket}`,
      ],
    })
    expect(answer.status).toBe('200 OK')
    expect(answer.body.toString()).not.toContain(ticket)
  }
  const answer = await ask(tunnel, { path: `/x?a=1&porpulsion-ticket=${ticket}&b=%20` })
  expect(seenBy(answer).url).toBe('/x?a=1&b=%20')
})

test.each([
  ['another port', { app: web.uid, port: 9090 }],
  ['another app', { app: 'other', port: 8080 }],
])('a ticket for %s opens nothing', async (_name, target) => {
  const tunnel = await theTunnel()
  const text = tunnel.ticket(target)
  const answer = await ask(tunnel, { headers: [`X-Porpulsion-Ticket: ${text}`] })
  expect(codeOf(answer)).toBe('TicketInvalid')
})

test('a ticket ends with its time, a cookie ticket is none for a URL', async () => {
  const tunnel = await theTunnel()
  const ticket = tunnel.ticket()
  const cookieTicket = tunnel.ticket({ app: web.uid, port: 8080 }, 'cookie')
  await tunnel.clock.advance(TICKET_LIFE_MS.url)
  for (const each of [ticket, cookieTicket])
    expect((await ask(tunnel, { path: `/?porpulsion-ticket=${each}` })).status).toMatch(/^401/)
})

test('a browser swaps the ticket for a cookie of that origin, and the address bar is clean', async () => {
  const tunnel = await theTunnel()
  const path = `/page?a=1&porpulsion-ticket=${tunnel.ticket()}`
  const swapped = await ask(tunnel, { path, headers: navigation })
  expect(swapped.status).toBe('303 See Other')
  expect(headerOf(swapped, 'location')).toBe('/page?a=1')
  expect(headerOf(swapped, 'cache-control')).toBe('no-store')
  const cookie = headerOf(swapped, 'set-cookie') ?? ''
  expect(cookie).toMatch(
    /^porpulsion-app-abcdef01=\S+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax$/,
  )
  const [pair = ''] = cookie.split(';')
  const page = await ask(tunnel, { path: '/page?a=1', headers: [`Cookie: theirs=1; ${pair}`] })
  expect([page.status, seenBy(page).headers['cookie']]).toEqual(['200 OK', 'theirs=1'])
})

test('the cookie of one app opens no other origin', async () => {
  const tunnel = await theTunnel()
  const cookie = await cookieFor(tunnel)
  const other = '9090--web--porpulsion.localhost'
  expect((await ask(tunnel, { host: other, headers: [`Cookie: ${cookie}`] })).status).toMatch(
    /^401/,
  )
})

test.each([
  ['a script of another app', ['Sec-Fetch-Site: same-site', 'Sec-Fetch-Mode: no-cors']],
  ['a fetch from another origin', ['Origin: http://8080--evil--porpulsion.localhost:8000']],
  [
    'a frame in another page',
    ['Sec-Fetch-Site: same-site', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: iframe'],
  ],
])('the cookie does not work for %s', async (_name, headers) => {
  const tunnel = await theTunnel()
  const cookie = await cookieFor(tunnel)
  const answer = await ask(tunnel, { headers: [`Cookie: ${cookie}`, ...headers] })
  expect([answer.status, codeOf(answer)]).toEqual(['403 Forbidden', 'OriginNotAllowed'])
})

test('a link from elsewhere, and the own page, do work with the cookie', async () => {
  const tunnel = await theTunnel()
  const cookie = `Cookie: ${await cookieFor(tunnel)}`
  for (const headers of [
    [...navigation, 'Sec-Fetch-Site: cross-site'],
    ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: cors', `Origin: http://${webHost}:8000`],
    [],
  ])
    expect((await ask(tunnel, { headers: [cookie, ...headers] })).status).toBe('200 OK')
})

test('a WebSocket from a page of another origin is refused, its cookie notwithstanding', async () => {
  const tunnel = await theTunnel()
  const lines = [
    'GET / HTTP/1.1',
    `Host: ${webHost}:8000`,
    `Cookie: ${await cookieFor(tunnel)}`,
    'Origin: http://evil.example',
    'Connection: Upgrade',
    'Upgrade: websocket',
  ]
  const answer = await exchange(tunnel.port, `${lines.join('\r\n')}\r\n\r\n`)
  expect([answer.status, codeOf(answer)]).toEqual(['403 Forbidden', 'OriginNotAllowed'])
})

test("the dashboard's session and tokens never reach an app, and what is the app's own does", async () => {
  const tunnel = await theTunnel()
  const session = await tunnel.sessionCookie()
  const token = await tunnel.tokenOf('admin')
  const ticket = `X-Porpulsion-Ticket: ${tunnel.ticket()}`
  const ours = await ask(tunnel, {
    headers: [
      ticket,
      `Cookie: ${session}; __Host-porpulsion-x=1; a=b`,
      `Authorization: Bearer ${token}`,
    ],
  })
  expect(seenBy(ours).headers).not.toHaveProperty('authorization')
  expect(seenBy(ours).headers['cookie']).toBe('a=b')
  const theirs = await ask(tunnel, { headers: [ticket, 'Authorization: Basic dTpw'] })
  expect(seenBy(theirs).headers['authorization']).toBe('Basic dTpw')
  const below = await ask(tunnel, {
    host: 'localhost',
    path: `${belowPath}/`,
    headers: [ticket, 'Authorization: Bearer their-own'],
  })
  expect(seenBy(below).headers['authorization']).toBe('Bearer their-own')
})

test('an app hears from us how a request came, and believes nobody else', async () => {
  const tunnel = await theTunnel()
  const lies = [
    'X-Forwarded-For: 10.9.9.9',
    'X-Forwarded-Proto: https',
    'Forwarded: for=10.9.9.9',
    'X-Real-IP: 10.9.9.9',
  ]
  const answer = await ask(tunnel, {
    headers: [`X-Porpulsion-Ticket: ${tunnel.ticket()}`, ...lies],
  })
  const { headers } = seenBy(answer)
  expect(headers).toMatchObject({
    host: `${webHost}:8000`,
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': `${webHost}:8000`,
  })
  expect(JSON.stringify(headers)).not.toContain('10.9.9.9')
  const token = await tunnel.tokenOf('operator')
  const below = await ask(tunnel, {
    host: 'localhost',
    path: `${belowPath}/x`,
    headers: [`Authorization: Bearer ${token}`],
  })
  expect(seenBy(below).headers['x-forwarded-prefix']).toBe(belowPath)
})

const setCookie =
  'X-Set-Cookie: a=1; Domain=localhost; Path=/x; Secure|b=2; domain=.localhost|c=3|porpulsion-abcdef01=mine|__Host-porpulsion-1=x; Path=/; Secure'

test("an app's cookies stay on its own origin, and none takes the place of ours", async () => {
  const tunnel = await theTunnel()
  const answer = await ask(tunnel, {
    headers: [`X-Porpulsion-Ticket: ${tunnel.ticket()}`, setCookie],
  })
  expect(headersOf(answer, 'set-cookie')).toEqual(['a=1; Path=/x; Secure', 'b=2', 'c=3'])
})

test("below our own path an app's cookies stay below it, and it says nothing about our origin", async () => {
  const tunnel = await theTunnel()
  const answer = await ask(tunnel, {
    host: 'localhost',
    path: `${belowPath}/`,
    headers: [`X-Porpulsion-Ticket: ${tunnel.ticket()}`, setCookie, 'X-Origin-Wide: yes'],
  })
  expect(headersOf(answer, 'set-cookie')).toEqual([
    `a=1; Secure; Path=${belowPath}/x`,
    `b=2; Path=${belowPath}/`,
    `c=3; Path=${belowPath}/`,
  ])
  for (const name of ['clear-site-data', 'strict-transport-security', 'service-worker-allowed'])
    expect(headerOf(answer, name)).toBeUndefined()
  expect(headersOf(answer, 'content-security-policy')).toEqual(['sandbox'])
})

test('on its own origin an app says about it what it likes', async () => {
  const tunnel = await theTunnel()
  const answer = await ask(tunnel, {
    headers: [`X-Porpulsion-Ticket: ${tunnel.ticket()}`, 'X-Origin-Wide: yes'],
  })
  expect(headerOf(answer, 'clear-site-data')).toBe('"*"')
  expect(headerOf(answer, 'content-security-policy')).toBeUndefined()
})

test('below our own path a session alone opens nothing', async () => {
  const tunnel = await theTunnel()
  const headers = [`Cookie: ${await tunnel.sessionCookie()}`]
  for (const method of ['GET', 'POST']) {
    const answer = await ask(tunnel, { host: 'localhost', path: `${belowPath}/`, method, headers })
    expect([answer.status, codeOf(answer)]).toEqual(['403 Forbidden', 'TicketNeeded'])
  }
})

test("a browser that goes below our own path is sent to the app's own origin with a ticket", async () => {
  const tunnel = await theTunnel()
  const session = `Cookie: ${await tunnel.sessionCookie()}`
  for (const [path, headers] of [
    [`${belowPath}/a%2Fb?x=1`, [...navigation, session]],
    [`${belowPath}/a%2Fb?x=1&porpulsion-ticket=${tunnel.ticket()}`, ['Accept: text/html']],
  ] as const) {
    const answer = await ask(tunnel, { host: 'localhost', path, headers })
    expect(answer.status).toBe('307 Temporary Redirect')
    const location = new URL(headerOf(answer, 'location') ?? '')
    expect(location.host).toBe(`${webHost}:8000`)
    expect(location.pathname).toBe('/a%2Fb')
    const there = await ask(tunnel, { path: location.pathname + location.search })
    expect([there.status, seenBy(there).url]).toEqual(['200 OK', '/a%2Fb?x=1'])
  }
})

test('a browser nobody signed in is told what to do, in a page', async () => {
  const tunnel = await theTunnel()
  for (const host of ['localhost', webHost]) {
    const path = host === webHost ? '/' : `${belowPath}/`
    const answer = await ask(tunnel, { host, path, headers: navigation })
    expect(answer.status).toBe('401 Unauthorized')
    expect(headerOf(answer, 'content-type')).toBe('text/html; charset=utf-8')
    expect(answer.body.toString()).toContain('porpulsion app url')
  }
})

test('a token opens the path to programs by role, also with what looks like a navigation', async () => {
  const tunnel = await theTunnel()
  const asRole = async (role: 'viewer' | 'operator') =>
    ask(tunnel, {
      host: 'localhost',
      path: `${belowPath}/`,
      headers: [`Authorization: Bearer ${await tunnel.tokenOf(role)}`, 'Accept: text/html'],
    })
  expect((await asRole('operator')).status).toBe('200 OK')
  expect(codeOf(await asRole('viewer'))).toBe('RoleTooLow')
  const wrong = await ask(tunnel, {
    host: 'localhost',
    path: `${belowPath}/`,
    headers: ['Authorization: Bearer porp_wrong'],
  })
  expect(codeOf(wrong)).toBe('TokenInvalid')
})

test('where the owner lets browsers, a ticket cookie of the path opens it, and never the session', async () => {
  const tunnel = await theTunnel()
  tunnel.settings.current = {
    ...defaultSettings,
    tunnels: { ...defaultSettings.tunnels, pathModeForBrowsers: true },
  }
  const { url } = tunnel.tunnels.createUrl('web', {}, by(tunnel))
  expect(url).toContain(`localhost:8000${belowPath}/?porpulsion-ticket=`)
  const path = url.slice(url.indexOf('/api'))
  const swapped = await ask(tunnel, { host: 'localhost', path, headers: navigation })
  expect([swapped.status, headerOf(swapped, 'location')]).toEqual([
    '303 See Other',
    `${belowPath}/`,
  ])
  const cookie = headerOf(swapped, 'set-cookie') ?? ''
  expect(cookie).toContain(`; Path=${belowPath}/;`)
  const [pair = ''] = cookie.split(';')
  const page = await ask(tunnel, {
    host: 'localhost',
    path: `${belowPath}/`,
    headers: [`Cookie: ${pair}`],
  })
  expect(page.status).toBe('200 OK')
  expect(headerOf(page, 'content-security-policy')).toBeUndefined()
  const session = [`Cookie: ${await tunnel.sessionCookie()}`]
  const alone = await ask(tunnel, { host: 'localhost', path: `${belowPath}/`, headers: session })
  expect(codeOf(alone)).toBe('TicketNeeded')
  const going = await ask(tunnel, {
    host: 'localhost',
    path: `${belowPath}/`,
    headers: [...session, ...navigation],
  })
  expect(headerOf(going, 'location')).toContain(`${belowPath}/?porpulsion-ticket=`)
})

test('to strangers an app that does not exist looks like one that does', async () => {
  const tunnel = await theTunnel()
  const places: Asked[] = [
    { host: '8080--nothing--porpulsion.localhost' },
    { host: '8081--web--porpulsion.localhost' },
    { host: '8080--deadbeef.localhost' },
    { host: 'localhost', path: '/api/remoteapp/nothing/proxy/8080/' },
    { host: 'localhost', path: `/api/remoteapp/${web.uid}/proxy/8081/` },
  ]
  for (const place of places) expect(codeOf(await ask(tunnel, place))).toBe('TicketInvalid')
  const token = [`Authorization: Bearer ${await tunnel.tokenOf('operator')}`]
  const known = await Promise.all(
    places.slice(3).map((place) => ask(tunnel, { ...place, headers: token })),
  )
  expect(known.map(codeOf)).toEqual(['AppNotFound', 'PortNotFound'])
})

test('an app may be named by uid, by name, by namespace and name, its port by number or name', async () => {
  const tunnel = await theTunnel()
  const headers = [`Authorization: Bearer ${await tunnel.tokenOf('operator')}`]
  for (const [id, port] of [
    [web.uid, '8080'],
    ['web', 'http'],
    ['porpulsion,web', '9090'],
    ['porpulsion%2Cweb', 'admin'],
  ] as const) {
    const path = `/api/remoteapp/${id}/proxy/${port}`
    const answer = await ask(tunnel, { host: 'localhost', path: `${path}?x`, headers })
    expect([answer.status, seenBy(answer).url]).toEqual(['200 OK', '/?x'])
  }
  const udp = await ask(tunnel, {
    host: 'localhost',
    path: '/api/remoteapp/web/proxy/dns/',
    headers,
  })
  expect(codeOf(udp)).toBe('PortNotFound')
})

test('the origin of an app by its uid works too', async () => {
  const tunnel = await theTunnel()
  const host = '8080--11111111.localhost'
  const answer = await ask(tunnel, { host, headers: [`X-Porpulsion-Ticket: ${tunnel.ticket()}`] })
  expect(answer.status).toBe('200 OK')
})

test('URLs say which port and path are meant, and refuse what is not there', async () => {
  const tunnel = await theTunnel()
  const { tunnels } = tunnel
  const { url, pathUrl, expiresAt } = tunnels.createUrl(
    'web',
    { port: 'admin', path: 'ä b#x' },
    by(tunnel),
  )
  expect(url).toMatch(
    /^http:\/\/9090--web--porpulsion\.localhost:8000\/%C3%A4%20b\?porpulsion-ticket=[\w.-]+$/,
  )
  expect(pathUrl).toMatch(/\/api\/remoteapp\/11111111-[0-9a-f-]+\/proxy\/9090\/%C3%A4%20b\?/)
  expect(expiresAt).toMatch(/^\d{4}-/)
  expect(() => tunnels.createUrl('web', { port: 1 }, by(tunnel))).toThrow(
    /it has http \(8080\), admin \(9090\)/,
  )
  expect(() => tunnels.createUrl('nothing', {}, by(tunnel))).toThrow('There is no app "nothing"')
})
