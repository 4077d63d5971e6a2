import { ActionIcon, Button, Code, Group, Popover, Stack, Tabs, Text } from '@mantine/core'
import { CodeIcon } from '@radix-ui/react-icons'
import { CopyButton } from './copy-button.tsx'

/** The same thing by other means. What one of them cannot do is left out. */
export interface Commands {
  readonly cli?: string
  readonly kubectl?: string
  readonly curl?: string
}

const titles = { cli: 'CLI', kubectl: 'kubectl', curl: 'curl' } as const

interface CommandsButtonProps {
  readonly commands: Commands
  readonly what: string
  /** Its picture alone, where each row has one. */
  readonly isSmall?: boolean
}

/** "As CLI / as kubectl / as curl", for the action beside it. */
export function CommandsButton({ commands, what, isSmall = false }: CommandsButtonProps) {
  const name = `${what} as a command`
  const kinds = (['cli', 'kubectl', 'curl'] as const).filter((kind) => commands[kind] !== undefined)
  return (
    <Popover width={560} position="bottom-end" withinPortal trapFocus returnFocus>
      <Popover.Target>
        {isSmall ? (
          <ActionIcon aria-label={name} title="Command">
            <CodeIcon />
          </ActionIcon>
        ) : (
          <Button variant="subtle" color="gray" leftSection={<CodeIcon />} aria-label={name}>
            Command
          </Button>
        )}
      </Popover.Target>
      <Popover.Dropdown aria-label={name} maw="calc(100vw - 24px)">
        <Stack gap="xs">
          <Text size="sm" fw={600}>
            {what}, as a command
          </Text>
          <Tabs defaultValue={kinds[0] ?? null} keepMounted={false}>
            <Tabs.List>
              {kinds.map((kind) => (
                <Tabs.Tab key={kind} value={kind}>
                  {titles[kind]}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {kinds.map((kind) => (
              <Tabs.Panel key={kind} value={kind} pt="xs">
                <Group wrap="nowrap" align="flex-start" gap={4}>
                  <Code
                    block
                    flex={1}
                    mah={280}
                    tabIndex={0}
                    aria-label={`${what} with ${titles[kind]}`}
                    style={{ overflow: 'auto', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
                  >
                    {commands[kind]}
                  </Code>
                  <CopyButton value={commands[kind] ?? ''} what="the command" />
                </Group>
              </Tabs.Panel>
            ))}
          </Tabs>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
