import { Anchor, Group, Skeleton, Text } from '@mantine/core'
import { CheckIcon, MinusCircledIcon } from '@radix-ui/react-icons'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { peerRulesQuery } from '../../api/peer-queries.ts'
import { Card } from '../../ui/card.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import classes from './peers.module.css'
import { ruleSentences, type RuleSentence } from './rule-sentences.ts'

/** What this peer may do here. What we may do there is for its owner to say. */
export function RulesCard({ peer }: { peer: string }) {
  const rules = useQuery(peerRulesQuery(peer))
  return (
    <Card
      title="What it may do here"
      actions={
        <Anchor
          size="sm"
          renderRoot={(props) => <Link to="/settings" search={{ peer }} {...props} />}
        >
          Settings
        </Anchor>
      }
    >
      <QueryState query={rules} skeleton={<Skeleton h={200} />}>
        {(answer) => (
          <ul className={classes['list']}>
            {ruleSentences(peer, answer).map((sentence) => (
              <li key={sentence.text}>
                <Sentence {...sentence} />
              </li>
            ))}
          </ul>
        )}
      </QueryState>
    </Card>
  )
}

function Sentence({ text, restricts }: RuleSentence) {
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start">
      <Text span lh={1} mt={3} aria-hidden c={restricts ? 'var(--tone-warn)' : 'var(--tone-good)'}>
        {restricts ? <MinusCircledIcon /> : <CheckIcon />}
      </Text>
      <Text size="sm" className="foreign">
        {text}
      </Text>
    </Group>
  )
}
