import { getRouteApi } from '@tanstack/react-router'
import { useCallback } from 'react'
import type { ListSearch } from './list-view.ts'
import { maskOf } from './open-app.ts'
import { useIsWide } from './use-is-wide.ts'

const route = getRouteApi('/workloads')

type Changes = { readonly [K in keyof ListSearch]?: ListSearch[K] | undefined }

/** What the list shows, and how to show something else; all of it is in the address. */
export function useListSearch(): {
  readonly search: ListSearch
  readonly change: (changes: Changes) => void
  readonly navigate: ReturnType<typeof route.useNavigate>
} {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const isWide = useIsWide()
  const change = useCallback(
    (changes: Changes) =>
      void navigate({
        search: (before) => defined({ ...before, ...changes }),
        replace: true,
        resetScroll: false,
        // An app that lies open stays what the address names.
        ...(isWide &&
          search.app !== undefined &&
          !('app' in changes) && {
            mask: maskOf(search.app, viewOf(search)),
          }),
      }),
    [navigate, isWide, search],
  )
  return { search, change, navigate }
}

const viewOf = ({ tab, pod }: ListSearch) => ({
  ...(tab !== undefined && { tab }),
  ...(pod !== undefined && { pod }),
})

function defined(search: Changes): ListSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined))
}
