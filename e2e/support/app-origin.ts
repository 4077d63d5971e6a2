import type { Demo } from './demo.ts'

export interface AppOrigin {
  /** Where a's agent listens. */
  readonly url: URL
  /** What makes a request one for the app: its origin as Host, and the ticket. */
  readonly headers: Readonly<Record<string, string>>
}

/** How a program reaches an app on its own origin where names below `localhost` are not resolved, as by Node here. */
export async function appOrigin(demo: Demo, app: string): Promise<AppOrigin> {
  const { code, stdout, stderr } = await demo.cli('app', 'url', app)
  if (code !== 0) throw new Error(`porpulsion app url ${app}: ${stderr}`)
  const origin = new URL(stdout.trim())
  const ticket = origin.searchParams.get('porpulsion-ticket') ?? ''
  return {
    url: new URL(`http://127.0.0.1:${origin.port}`),
    headers: { host: origin.host, 'x-porpulsion-ticket': ticket },
  }
}
