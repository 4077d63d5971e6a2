import type { Input } from '../../command.ts'
import { changeContexts, contextFilePath } from '../../config/context-file.ts'
import { usingContext } from '../../config/contexts.ts'
import { noteLine, type Io } from '../../io.ts'

export async function useContext(io: Io, { args: [name = ''] }: Input): Promise<void> {
  const file = await contextFilePath(io)
  await changeContexts(io, file, (known) => usingContext(known, name))
  await noteLine(io, `Commands now talk to "${name}".`)
}
