import { Button, Code, CopyButton, Group } from '@mantine/core'

/** Something to paste elsewhere, with the button that copies it. */
export function CopyField({ value, label }: { value: string; label: string }) {
  return (
    <Group wrap="nowrap" align="flex-start">
      <Code
        block
        flex={1}
        mah={160}
        style={{ overflow: 'auto', wordBreak: 'break-all', whiteSpace: 'pre-wrap' }}
        tabIndex={0}
        aria-label={label}
      >
        {value}
      </Code>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Button variant="light" onClick={copy}>
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </Group>
  )
}
