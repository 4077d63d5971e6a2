import { Stack, Textarea, TextInput } from '@mantine/core'
import type { AppConfigMap } from '@porpulsion/contract'
import { useState } from 'react'
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
        <Stack flex={1} miw={200} gap="xs">
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
          <Files
            secret={secret}
            values={mount.data ?? {}}
            onChange={(data) => change({ ...mount, data })}
          />
        </Stack>
      )}
    </Rows>
  )
}

interface FilesProps {
  readonly secret: boolean
  /** Read once; from then on what is typed here counts. */
  readonly values: Readonly<Record<string, string>>
  readonly onChange: (values: Record<string, string>) => void
}

function Files({ secret, values, onChange }: FilesProps) {
  const [files, setFiles] = useState<readonly File[]>(() => Object.entries(values))
  return (
    <Rows<File>
      what="file"
      items={files}
      empty={['', '']}
      onChange={(changed) => {
        setFiles(changed)
        onChange(Object.fromEntries(changed.filter(([name]) => name !== '')))
      }}
    >
      {([name, content], change, index) => (
        <>
          <TextInput
            flex={1}
            miw={120}
            label={`Name of file ${index + 1}`}
            value={name}
            onChange={(event) => change([event.currentTarget.value, content])}
          />
          <Textarea
            flex={2}
            miw={120}
            label={`Content of file ${index + 1}`}
            autosize
            minRows={1}
            maxRows={12}
            value={content}
            autoComplete={secret ? 'off' : undefined}
            onChange={(event) => change([name, event.currentTarget.value])}
          />
        </>
      )}
    </Rows>
  )
}
