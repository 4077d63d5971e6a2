import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { aDashboard } from '../../test/support/dashboard.ts'

async function aBuiltDashboard() {
  const parent = await mkdtemp(join(tmpdir(), 'porpulsion-dashboard-'))
  onTestFinished(() => rm(parent, { recursive: true }))
  const dashboardDir = join(parent, 'dashboard')
  await mkdir(join(dashboardDir, 'assets'), { recursive: true })
  await writeFile(join(parent, 'secret.txt'), 'secret')
  await writeFile(join(dashboardDir, 'index.html'), '<title>the page</title>')
  await writeFile(join(dashboardDir, 'favicon.svg'), '<svg/>')
  await writeFile(join(dashboardDir, 'assets', 'app-1a2b3c.js'), 'the script')
  await writeFile(join(dashboardDir, 'assets', 'app-1a2b3c.js.br'), 'in brotli')
  await writeFile(join(dashboardDir, 'assets', 'app-1a2b3c.js.gz'), 'in gzip')
  const { server } = await aDashboard({ options: { dashboardDir } })
  return (url: string, headers: Record<string, string> = {}) =>
    server.app.inject({ url, headers: { host: 'localhost', ...headers } })
}
const html = { accept: 'text/html' }

test('every place in the dashboard is its page, never from a cache', async () => {
  const get = await aBuiltDashboard()
  for (const url of ['/', '/apps/web', '/peers?x=1', '/login']) {
    const { statusCode, body, headers } = await get(url, html)
    expect([url, statusCode, body, headers['cache-control']]).toEqual([
      url,
      200,
      '<title>the page</title>',
      'no-cache',
    ])
    expect(headers['content-security-policy']).toContain("script-src 'self'")
  }
})

test('files whose name changes with their content are kept for ever, others are asked about', async () => {
  const get = await aBuiltDashboard()
  const script = await get('/assets/app-1a2b3c.js')
  expect([script.body, script.headers['cache-control']]).toEqual([
    'the script',
    'public, max-age=31536000, immutable',
  ])
  expect((await get('/favicon.svg')).headers['cache-control']).toBe('no-cache')
  const etag = String(script.headers.etag)
  expect((await get('/assets/app-1a2b3c.js', { 'if-none-match': etag })).statusCode).toBe(304)
})

test('who takes brotli or gzip gets the file that the build compressed, everybody else the plain one', async () => {
  const get = await aBuiltDashboard()
  const asked = async (accepted: string): Promise<unknown[]> => {
    const { body, headers } = await get('/assets/app-1a2b3c.js', { 'accept-encoding': accepted })
    expect(headers['content-type']).toContain('javascript')
    return [body, headers['content-encoding'], headers.vary]
  }
  expect(await asked('gzip, br')).toEqual(['in brotli', 'br', 'accept-encoding'])
  expect(await asked('gzip')).toEqual(['in gzip', 'gzip', 'accept-encoding'])
  expect(await asked('identity')).toEqual(['the script', undefined, 'accept-encoding'])
})

test('a file that is not there is an error, not the page', async () => {
  const get = await aBuiltDashboard()
  for (const url of ['/assets/app-old.js', '/robots.txt'])
    expect((await get(url)).statusCode).toBe(404)
})

test.each([
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/assets/..%2f..%2fsecret.txt',
])('nothing outside is served: %s', async (url) => {
  const get = await aBuiltDashboard()
  const { body, statusCode } = await get(url)
  expect(statusCode).toBeGreaterThanOrEqual(400)
  expect(body).not.toBe('secret')
})

test('an agent without its dashboard says so, and does everything else', async () => {
  const { server } = await aDashboard({ options: { dashboardDir: '/nonexistent' } })
  const { body } = await server.app.inject({ url: '/', headers: { host: 'localhost', ...html } })
  expect(body).toContain('without its dashboard')
})
