import type { Input } from '../../command.ts'
import { contextFilePath, readContexts } from '../../config/context-file.ts'
import type { Io } from '../../io.ts'
import { printList, type ListView, type OutputFlags } from '../../output/format.ts'

/** What may be seen of a context; never its token. */
interface ContextItem {
  readonly name: string
  readonly url: string
  readonly current: boolean
}

const view: ListView<ContextItem> = {
  columns: [
    { title: 'CURRENT', value: ({ current }) => (current ? '*' : '') },
    { title: 'NAME', value: ({ name }) => name },
    { title: 'URL', value: ({ url }) => url },
  ],
  nameOf: ({ name }) => `context/${name}`,
  whenEmpty: 'No contexts yet; "porpulsion login URL" makes one.',
}

export async function listContexts(io: Io, { flags }: Input<OutputFlags>): Promise<void> {
  const { contexts, current } = await readContexts(await contextFilePath(io))
  const items = contexts.map(({ name, url }) => ({ name, url, current: name === current }))
  await printList(io, flags, { items }, view)
}
