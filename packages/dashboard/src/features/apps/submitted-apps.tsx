import type { RemoteApp } from '@porpulsion/contract'
import { useMemo, useState, type ReactNode } from 'react'
import { appId } from '../../api/app-id.ts'
import { useMay } from '../../api/use-may.ts'
import { submittedFacts } from './app-facts.ts'
import { AppList } from './app-list.tsx'
import { BulkActions } from './bulk-actions.tsx'
import { submittedColumns } from './submitted-columns.tsx'

const nothing: ReadonlySet<string> = new Set()

/** What we run at peers; who may change it can choose some and change them together. */
export function SubmittedApps({ apps, empty }: { apps: readonly RemoteApp[]; empty: ReactNode }) {
  const mayChange = useMay('operator')
  const [chosen, setChosen] = useState<ReadonlySet<string>>(nothing)
  const some = useMemo(() => apps.filter((app) => chosen.has(appId(app))), [apps, chosen])
  return (
    <>
      <AppList
        label="Apps that run at peers"
        apps={apps}
        factsOf={submittedFacts}
        columns={submittedColumns}
        {...(mayChange && { selection: { ids: chosen, onChange: setChosen } })}
        empty={empty}
      />
      {some.length > 0 && <BulkActions apps={some} onClear={() => setChosen(nothing)} />}
    </>
  )
}
