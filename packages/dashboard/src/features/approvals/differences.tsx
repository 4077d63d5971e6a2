import { Box, Text } from '@mantine/core'
import type { Difference } from '@porpulsion/contract'
import { visibleText } from '../../ui/visible-text.ts'
import { wordDiff, type Part } from './word-diff.ts'

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
          <Sides before={before} after={after} />
        </Box>
      ))}
    </Box>
  )
}

const sides = {
  before: { sign: '-', element: 'del' },
  after: { sign: '+', element: 'ins' },
} as const

interface SidesProps {
  readonly before: string | undefined
  readonly after: string | undefined
}

function Sides({ before, after }: SidesProps) {
  // Made visible first: what is compared is what is seen.
  const [old, next] = [before, after].map((text) => text && visibleText(text))
  if (old === undefined || next === undefined)
    return (
      <>
        {old !== undefined && <Side kind="before" parts={[{ text: old, isChanged: true }]} />}
        {next !== undefined && <Side kind="after" parts={[{ text: next, isChanged: true }]} />}
      </>
    )
  const parts = wordDiff(old, next)
  return (
    <>
      <Side kind="before" parts={parts.before} />
      <Side kind="after" parts={parts.after} />
    </>
  )
}

function Side({ kind, parts }: { kind: keyof typeof sides; parts: readonly Part[] }) {
  const { sign, element } = sides[kind]
  return (
    <Text inherit c={`var(--color-${kind})`} pl="md" style={{ whiteSpace: 'pre-wrap' }}>
      {sign}{' '}
      <Box component={element} td="none">
        {parts.map(({ text, isChanged }, index) => (
          <Text
            // Parts have no name but their place.
            key={index}
            span
            inherit
            {...(isChanged
              ? { fw: 700, td: kind === 'before' ? 'line-through' : 'none' }
              : { c: 'dimmed' })}
          >
            {text}
          </Text>
        ))}
      </Box>
    </Text>
  )
}
