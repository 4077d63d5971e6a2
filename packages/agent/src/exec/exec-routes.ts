import type { ApiHandlers } from '../api/index.ts'
import { firstWord } from './command-words.ts'
import type { Exec } from './exec.ts'

export function execHandlers(exec: Pick<Exec, 'find' | 'open'>): ApiHandlers {
  return {
    execRemoteApp: async ({ params, query, signal, note }) => {
      const app = exec.find(params['id'] ?? '', query.namespace)
      const pod = query.pod === undefined ? '' : ` pod/${query.pod}`
      note({ about: `remoteapp/${app.namespace},${app.name}${pod} ${firstWord(query.command)}` })
      return await exec.open(app, query, signal)
    },
  }
}
