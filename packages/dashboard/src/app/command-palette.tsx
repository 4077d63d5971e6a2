import { useHotkeys } from '@mantine/hooks'
import { lazy, Suspense, useState, type ReactNode } from 'react'

const Palette = lazy(() => import('./palette.tsx').then(({ Palette }) => ({ default: Palette })))

/** ⌘K or Ctrl+K, anywhere, also while typing. Its code comes when it is first asked for. */
export function usePalette(): { readonly open: () => void; readonly element: ReactNode } {
  // Counted, so that each wish opens it anew.
  const [asked, setAsked] = useState(0)
  const open = (): void => setAsked((times) => times + 1)
  useHotkeys([['mod+K', open]], [], true)
  return {
    open,
    element: asked > 0 && (
      <Suspense>
        <Palette asked={asked} />
      </Suspense>
    ),
  }
}
