import { ActionIcon, Button, Group, Select, Switch, TextInput, Tooltip } from '@mantine/core'
import {
  CaretDownIcon,
  CaretUpIcon,
  ClockIcon,
  DownloadIcon,
  MagnifyingGlassIcon,
  MixerHorizontalIcon,
  PauseIcon,
  PlayIcon,
  ReloadIcon,
  TextAlignLeftIcon,
} from '@radix-ui/react-icons'
import type { ReactNode } from 'react'

export interface LogView {
  readonly pod: string | undefined
  readonly previous: boolean
  readonly search: string
  readonly onlyMatching: boolean
  readonly wraps: boolean
  readonly showsTimes: boolean
}

interface LogToolbarProps {
  readonly view: LogView
  readonly onView: (view: LogView) => void
  readonly pods: readonly string[]
  readonly isPaused: boolean
  /** Lines that came since the pause. */
  readonly missed: number
  readonly onPause: (isPaused: boolean) => void
  /** Of how many matches which one is shown; nothing while nothing is looked for. */
  readonly found: { readonly at: number; readonly of: number } | undefined
  readonly onGo: (step: 1 | -1) => void
  readonly onDownload: () => void
  readonly onReadAgain: (() => void) | undefined
}

export function LogToolbar(props: LogToolbarProps) {
  const { view, onView, pods, isPaused, missed, onPause, onDownload, onReadAgain } = props
  return (
    <Group gap="xs">
      {pods.length > 1 && (
        <Select
          size="xs"
          w={220}
          aria-label="Pod"
          placeholder="All pods"
          clearable
          data={[...pods]}
          value={view.pod ?? null}
          onChange={(pod) => onView({ ...view, pod: pod ?? undefined })}
          clearButtonProps={{ 'aria-label': 'All pods' }}
        />
      )}
      <Search {...props} />
      <Group gap={2} ml="auto">
        <Switch
          size="xs"
          mr="xs"
          label="Previous run"
          checked={view.previous}
          onChange={(event) => onView({ ...view, previous: event.currentTarget.checked })}
        />
        <Toggle
          label="Times"
          isOn={view.showsTimes}
          icon={<ClockIcon />}
          onToggle={(showsTimes) => onView({ ...view, showsTimes })}
        />
        <Toggle
          label="Wrap lines"
          isOn={view.wraps}
          icon={<TextAlignLeftIcon />}
          onToggle={(wraps) => onView({ ...view, wraps })}
        />
        <Tooltip label="Download what is here">
          <ActionIcon size="lg" onClick={onDownload} aria-label="Download">
            <DownloadIcon />
          </ActionIcon>
        </Tooltip>
        {onReadAgain !== undefined ? (
          <Button variant="default" leftSection={<ReloadIcon />} onClick={onReadAgain}>
            Read again
          </Button>
        ) : (
          <Button
            variant={isPaused ? 'filled' : 'default'}
            leftSection={isPaused ? <PlayIcon /> : <PauseIcon />}
            onClick={() => onPause(!isPaused)}
            miw={96}
          >
            {isPaused ? `Go on${missed > 0 ? ` (${missed} new)` : ''}` : 'Pause'}
          </Button>
        )}
      </Group>
    </Group>
  )
}

function Search({ view, onView, found, onGo }: LogToolbarProps) {
  return (
    <Group gap={2} wrap="nowrap">
      <TextInput
        size="xs"
        w={240}
        type="search"
        aria-label="Search in logs"
        placeholder="Search"
        leftSection={<MagnifyingGlassIcon />}
        value={view.search}
        onChange={(event) => onView({ ...view, search: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return
          event.preventDefault()
          onGo(event.shiftKey ? -1 : 1)
        }}
        rightSectionWidth={64}
        rightSection={
          <span className="tabular" role="status" style={{ fontSize: 11 }}>
            {found !== undefined && (found.of === 0 ? 'none' : `${found.at + 1} of ${found.of}`)}
          </span>
        }
      />
      {found !== undefined && (
        <>
          <ActionIcon onClick={() => onGo(-1)} aria-label="Previous match">
            <CaretUpIcon />
          </ActionIcon>
          <ActionIcon onClick={() => onGo(1)} aria-label="Next match">
            <CaretDownIcon />
          </ActionIcon>
          <Toggle
            label="Only lines that match"
            isOn={view.onlyMatching}
            icon={<MixerHorizontalIcon />}
            onToggle={(onlyMatching) => onView({ ...view, onlyMatching })}
          />
        </>
      )}
    </Group>
  )
}

interface ToggleProps {
  readonly label: string
  readonly isOn: boolean
  readonly icon: ReactNode
  readonly onToggle: (isOn: boolean) => void
}

function Toggle({ label, isOn, icon, onToggle }: ToggleProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        size="lg"
        variant={isOn ? 'light' : 'subtle'}
        color={isOn ? 'ocean' : 'gray'}
        aria-label={label}
        aria-pressed={isOn}
        onClick={() => onToggle(!isOn)}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  )
}
