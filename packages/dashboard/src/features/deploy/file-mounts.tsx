import { Stack, Textarea, TextInput } from '@mantine/core'
import type { AppConfigMap } from '@porpulsion/contract'
import { Rows } from './rows.tsx'

interface FileMountsProps {
  readonly what: string
  readonly secret?: boolean
  readonly mounts: readonly AppConfigMap[]
  readonly onChange: (mounts: AppConfigMap[]) => void
}

type File = readonly [name: string, content: string]

/** Directories of files: each has a name, a place in the container, and its files. */
export function FileMounts({ what, secret = false, mounts, onChange }: FileMountsProps) {
  return (
    <Rows
      what={what}
      items={mounts}
      empty={{ name: '', mountPath: '/etc/app' }}
      onChange={onChange}
    >
      {(mount, change, index) => (
        <Stack flex={1} gap="xs">
          <TextInput
            label={`Name of ${what} ${index + 1}`}
            value={mount.name}
            onChange={(event) => change({ ...mount, name: event.currentTarget.value })}
          />
          <TextInput
            label={`Mount path of ${what} ${index + 1}`}
            value={mount.mountPath}
            onChange={(event) => change({ ...mount, mountPath: event.currentTarget.value })}
          />
          <Rows<File>
            what="file"
            items={Object.entries(mount.data ?? {})}
            empty={['', '']}
            onChange={(files) => change({ ...mount, data: Object.fromEntries(files) })}
          >
            {([name, content], changeFile, file) => (
              <>
                <TextInput
                  flex={1}
                  label={`Name of file ${file + 1}`}
                  value={name}
                  onChange={(event) => changeFile([event.currentTarget.value, content])}
                />
                <Textarea
                  flex={2}
                  label={`Content of file ${file + 1}`}
                  autosize
                  minRows={1}
                  maxRows={12}
                  value={content}
                  autoComplete={secret ? 'off' : undefined}
                  onChange={(event) => changeFile([name, event.currentTarget.value])}
                />
              </>
            )}
          </Rows>
        </Stack>
      )}
    </Rows>
  )
}
