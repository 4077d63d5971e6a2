// In a layer of its own: our styles go before it in whatever order the files arrive.
import '@mantine/core/styles.layer.css'
import '../ui/global.css'
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode, useLayoutEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { createLive } from '../api/live.ts'
import { sessionQuery } from '../api/queries.ts'
import { createQueryClient } from '../api/query-client.ts'
import { cssVariables, theme } from '../ui/theme.ts'
import { createAppRouter } from './router.tsx'

const queryClient = createQueryClient()
const live = createLive({ client: queryClient })
const router = createAppRouter(live)

// On a slow line each wait counts: who is asked for, and with that the event stream, while the code of the page comes.
void queryClient.query(sessionQuery).then(live.open, () => undefined) // the frame shows what went wrong
void router.load().finally(render)

function render(): void {
  const root = document.getElementById('root')
  if (root === null) throw new Error('index.html has no #root')
  createRoot(root).render(
    <StrictMode>
      <FirstPaintIsOver />
      <QueryClientProvider client={queryClient}>
        <MantineProvider
          theme={theme}
          cssVariablesResolver={cssVariables}
          defaultColorScheme="auto"
        >
          <RouterProvider router={router} />
        </MantineProvider>
      </QueryClientProvider>
    </StrictMode>,
  )
}

/** What index.html showed goes when what takes its place is there, and not a frame earlier. */
function FirstPaintIsOver() {
  useLayoutEffect(() => document.getElementById('first-paint')?.remove(), [])
  return null
}
