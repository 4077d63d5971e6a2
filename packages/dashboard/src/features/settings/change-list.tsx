import { Box, Stack, Text } from '@mantine/core'
import type { Change } from './document.ts'
import { placeOf } from './fields.ts'
import { inWords } from './value-words.ts'

/** Rule by rule: what it was, what it becomes. */
export function ChangeList({ changes }: { changes: readonly Change[] }) {
  return (
    <Stack
      component="ul"
      aria-label="Changes"
      gap="sm"
      p={0}
      m={0}
      mah="45vh"
      tabIndex={0}
      style={{ listStyle: 'none', overflow: 'auto' }}
    >
      {changes.map(({ path, before, after }) => (
        <li key={path}>
          <Text size="sm" className="foreign">
            <Text span fw={600} inherit ff="monospace">
              {path}
            </Text>{' '}
            <Text span c="dimmed" inherit>
              {placeOf(path)?.label}
            </Text>
          </Text>
          <Text size="sm" ff="monospace" className="foreign">
            <Box component="del" c="var(--color-before)">
              {inWords(before)}
            </Box>{' '}
            →{' '}
            <Box component="ins" c="var(--color-after)" td="none">
              {after === undefined ? goesBackTo(path) : inWords(after)}
            </Box>
          </Text>
        </li>
      ))}
    </Stack>
  )
}

const goesBackTo = (path: string): string =>
  path.startsWith('peers.') ? 'the general rule' : 'the default'
