import { useMediaQuery } from '@mantine/hooks'

/** Room for an app beside the list. */
export function useIsWide(): boolean {
  return useMediaQuery('(min-width: 75em)', false, { getInitialValueInEffect: false })
}
