import { Group, Skeleton, Stack } from '@mantine/core'

/** As high as the head and the first cards of an app. */
export function AppSkeleton() {
  return (
    <Stack gap="md" maw={1440} mx="auto">
      <Skeleton h={16} w={90} />
      <Group justify="space-between">
        <Skeleton h={30} w={240} />
        <Skeleton h={30} w={320} />
      </Group>
      <Skeleton h={20} w={420} />
      <Skeleton h={36} />
      <Group grow align="stretch">
        <Skeleton h={320} />
        <Skeleton h={320} visibleFrom="md" />
      </Group>
    </Stack>
  )
}
