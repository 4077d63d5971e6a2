import { Group, Stack, Text } from '@mantine/core'
import { CopyField } from '../../ui/copy-field.tsx'
import { QrCode } from '../../ui/qr-code.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'

interface LoginLinkProps {
  readonly user: string
  readonly url: string
  readonly expiresAt: string
}

/** Shown once: it is the whole key, until it is used. */
export function LoginLink({ user, url, expiresAt }: LoginLinkProps) {
  return (
    <Stack>
      <Text>
        This link signs {user} in, once. Hand it over on a way you trust; whoever opens it first is{' '}
        {user}. It is not shown again, and ends <RelativeTime time={expiresAt} />.
      </Text>
      <CopyField value={url} label="Login link" />
      <Group justify="center">
        <QrCode value={url} label={`Login link of ${user}, to scan`} size={200} />
      </Group>
    </Stack>
  )
}
