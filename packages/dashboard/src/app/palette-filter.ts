import type { SpotlightActionData, SpotlightActionGroupData } from '@mantine/spotlight'

/** What is called so comes before what begins so, and that before what only has it somewhere. */
export function matching(
  query: string,
  groups: SpotlightActionGroupData[],
): SpotlightActionGroupData[] {
  const wanted = query.trim().toLowerCase()
  if (wanted === '') return groups
  return groups
    .map(({ group, actions: all }) => {
      const ranked = all
        .map((action) => ({ action, rank: rankOf(action, wanted) }))
        .filter(({ rank }) => rank < NO_MATCH)
        .sort((a, b) => a.rank - b.rank)
      return {
        group,
        actions: ranked.map(({ action }) => action),
        best: ranked[0]?.rank ?? NO_MATCH,
      }
    })
    .filter(({ best }) => best < NO_MATCH)
    .sort((a, b) => a.best - b.best)
    .map(({ group, actions: found }) => ({ group, actions: found }))
}

const NO_MATCH = 4

function rankOf(
  { label = '', description = '', keywords = [] }: SpotlightActionData,
  wanted: string,
) {
  const name = label.toLowerCase()
  if (name === wanted) return 0
  if (name.startsWith(wanted)) return 1
  if (name.includes(wanted)) return 2
  const rest = [description, ...[keywords].flat()].join(' ').toLowerCase()
  return rest.includes(wanted) ? 3 : NO_MATCH
}
