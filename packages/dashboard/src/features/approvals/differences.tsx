import { Box, Text } from '@mantine/core'
import type { Difference } from '@porpulsion/contract'
import { visibleText } from '../../ui/visible-text.ts'

/** As in a diff: what goes, then what comes. Signs and strokes say it to whoever cannot tell the colours apart. */
export function Differences({ differences }: { differences: readonly Difference[] }) {
  return (
    <Box
      component="ul"
      aria-label="Differences"
      // Scrolled with the keyboard, too.
      tabIndex={0}
      m={0}
      p={0}
      mah="40vh"
      ff="monospace"
      fz="sm"
      style={{ listStyle: 'none', overflow: 'auto', overflowWrap: 'anywhere' }}
    >
      {differences.map(({ path, before, after }) => (
        <Box component="li" key={path} mb="xs">
          <Text inherit fw={600}>
            {visibleText(path)}
          </Text>
          {before !== undefined && <Side kind="before" value={before} />}
          {after !== undefined && <Side kind="after" value={after} />}
        </Box>
      ))}
    </Box>
  )
}

const sides = {
  before: { sign: '-', element: 'del' },
  after: { sign: '+', element: 'ins' },
} as const

function Side({ kind, value }: { kind: keyof typeof sides; value: string }) {
  const { sign, element } = sides[kind]
  return (
    <Text inherit c={`var(--color-${kind})`} pl="md" style={{ whiteSpace: 'pre-wrap' }}>
      {sign}{' '}
      <Box component={element} td={kind === 'before' ? 'line-through' : 'none'}>
        {visibleText(value)}
      </Box>
    </Text>
  )
}
