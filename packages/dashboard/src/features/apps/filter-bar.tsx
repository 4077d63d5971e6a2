import { ActionIcon, Group, Kbd, Switch, TextInput, UnstyledButton } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { Cross2Icon, MagnifyingGlassIcon } from '@radix-ui/react-icons'
import type { AppPhase } from '@porpulsion/contract'
import { useEffect, useRef, useState, type Ref } from 'react'
import { phaseLabel, phaseTones } from '../../ui/phase-badge.tsx'
import { StatusDot } from '../../ui/status-dot.tsx'
import classes from './apps.module.css'
import type { AppFilter, Choice } from './filter-apps.ts'
import { toggled } from './list-view.ts'

/** Typing goes on meanwhile; the address follows. */
const SETTLE_MS = 120

interface FilterBarProps {
  readonly filter: AppFilter
  readonly phases: readonly Choice<AppPhase>[]
  readonly peers: readonly Choice<string>[]
  readonly isGrouped: boolean
  readonly searchRef: Ref<HTMLInputElement>
  readonly onText: (text: string) => void
  readonly onPhases: (chosen: string | undefined) => void
  readonly onPeers: (chosen: string | undefined) => void
  readonly onGroup: (isGrouped: boolean) => void
}

export function FilterBar(props: FilterBarProps) {
  const { filter, phases, peers, isGrouped, searchRef, onText, onPhases, onPeers, onGroup } = props
  return (
    <>
      <Group gap="sm">
        <SearchField text={filter.text} onText={onText} fieldRef={searchRef} />
        <Switch
          label="Group by peer"
          checked={isGrouped}
          onChange={(event) => onGroup(event.currentTarget.checked)}
        />
      </Group>
      <Group gap="lg" mih={28}>
        <Group gap={6} role="group" aria-label="Phases">
          {phases.map(({ value, count }) => (
            <Chip
              key={value}
              label={phaseLabel(value)}
              dot={<StatusDot tone={phaseTones[value]} />}
              count={count}
              isChosen={filter.phases.includes(value)}
              onToggle={() => onPhases(toggled(filter.phases, value))}
            />
          ))}
        </Group>
        {(peers.length > 1 || filter.peers.length > 0) && (
          <Group gap={6} role="group" aria-label="Peers">
            {peers.map(({ value, count }) => (
              <Chip
                key={value}
                label={value}
                count={count}
                isChosen={filter.peers.includes(value)}
                onToggle={() => onPeers(toggled(filter.peers, value))}
              />
            ))}
          </Group>
        )}
      </Group>
    </>
  )
}

interface SearchFieldProps {
  readonly text: string
  readonly onText: (text: string) => void
  readonly fieldRef: Ref<HTMLInputElement>
}

function SearchField({ text, onText, fieldRef }: SearchFieldProps) {
  const [typed, setTyped] = useState(text)
  const told = useRef(text)
  const tell = useDebouncedCallback((words: string) => {
    told.current = words
    onText(words)
  }, SETTLE_MS)
  // The address changed by other means: a link, or the way back.
  useEffect(() => {
    if (text === told.current) return
    told.current = text
    setTyped(text)
  }, [text])
  const write = (words: string): void => {
    setTyped(words)
    tell(words)
  }
  return (
    <TextInput
      ref={fieldRef}
      flex="1 1 240px"
      maw={420}
      aria-label="Search apps"
      placeholder="Name, image, peer or label"
      leftSection={<MagnifyingGlassIcon />}
      rightSection={
        typed === '' ? (
          <Kbd size="xs" aria-hidden>
            /
          </Kbd>
        ) : (
          <ActionIcon size="sm" aria-label="Clear the search" onClick={() => write('')}>
            <Cross2Icon />
          </ActionIcon>
        )
      }
      value={typed}
      onChange={(event) => write(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') write('')
      }}
    />
  )
}

interface ChipProps {
  readonly label: string
  readonly count: number
  readonly isChosen: boolean
  readonly onToggle: () => void
  readonly dot?: React.ReactNode
}

function Chip({ label, count, isChosen, onToggle, dot }: ChipProps) {
  return (
    <UnstyledButton className={classes['chip'] ?? ''} aria-pressed={isChosen} onClick={onToggle}>
      {dot}
      {label}
      <span className={classes['count']}>{count}</span>
    </UnstyledButton>
  )
}
