import { Alert, Button, Group, SegmentedControl, Select, Stack, Text } from '@mantine/core'
import { endpoints, type SettingsView } from '@porpulsion/contract'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { call } from '../../api/client.ts'
import { keys, peersQuery, settingsQuery } from '../../api/queries.ts'
import { useMay } from '../../api/use-may.ts'
import { Page } from '../../ui/page.tsx'
import { ErrorAlert, QueryState, SkeletonLines } from '../../ui/query-state.tsx'
import { isDocument, valueAt, type Document } from './document.ts'
import { sections } from './fields.ts'
import { PreviewCard } from './preview-card.tsx'
import { SaveBar } from './save-bar.tsx'
import { fieldsIn, fieldState } from './scope.ts'
import { SectionNav } from './section-nav.tsx'
import { SettingsForm } from './settings-form.tsx'
import classes from './settings.module.css'
import { UsageCard } from './usage-card.tsx'
import { useDraft, type DraftInHand } from './use-draft.ts'
import { usePreview } from './use-preview.ts'

const SettingsYaml = lazy(() =>
  import('./settings-yaml.tsx').then(({ SettingsYaml }) => ({ default: SettingsYaml })),
)

/** The owner's rules: what they are, what they would be, and what that would mean today. */
export function SettingsPage() {
  const settings = useQuery(settingsQuery)
  const mayEdit = useMay('admin')
  return (
    <Page
      title="Settings"
      description={
        mayEdit
          ? 'What peers may run and reach on this cluster. A new rule holds for whatever comes next; it stops nothing that runs.'
          : 'What peers may run and reach on this cluster. You can look at the rules; admins change them.'
      }
    >
      <QueryState query={settings} skeleton={<SkeletonLines count={12} />}>
        {(view) => <Editor view={view} mayEdit={mayEdit} />}
      </QueryState>
    </Page>
  )
}

function Editor({ view, mayEdit }: { view: SettingsView; mayEdit: boolean }) {
  const { section, peer, view: shown } = useSearch({ from: '/settings' })
  const draft = useDraft(view)
  const preview = usePreview(draft.document)
  const names = usePeerNames(draft.document)
  const offered = sections.filter((one) => fieldsIn(one, peer).length > 0)
  const isYaml = shown === 'yaml'
  return (
    <div className={classes['layout']}>
      {isYaml ? (
        <span className={classes['nav']} />
      ) : (
        <SectionNav
          sections={offered}
          current={section}
          peer={peer}
          changed={changedSections(draft, peer)}
        />
      )}
      <Stack gap="md">
        {view.problem !== undefined && (
          <Problem problem={view.problem} rules={draft.stored} mayEdit={mayEdit} />
        )}
        <Scope peer={peer} names={names} document={draft.document} isYaml={isYaml} />
        {isYaml ? (
          <Suspense fallback={<SkeletonLines count={12} />}>
            <SettingsYaml
              document={draft.document}
              fieldErrors={preview.fieldErrors}
              mayEdit={mayEdit}
              onChange={draft.replace}
            />
          </Suspense>
        ) : (
          <SettingsForm
            sections={offered}
            section={section}
            peer={peer}
            peerNames={names}
            draft={draft}
            fieldErrors={preview.fieldErrors}
            mayEdit={mayEdit}
          />
        )}
        <SaveBar draft={draft} preview={preview} isReplacement={view.problem !== undefined} />
      </Stack>
      <div className={classes['aside']}>
        <PreviewCard preview={preview} isEdited={draft.changes.length > 0} />
        <UsageCard peer={peer} document={draft.document} />
      </div>
    </div>
  )
}

/** Everybody there is, and everybody the document speaks of. */
function usePeerNames(document: Document): readonly string[] {
  const peers = useQuery(peersQuery).data?.items ?? []
  const named = valueAt(document, 'peers')
  const all = [
    ...peers.map(({ metadata }) => metadata.name),
    ...Object.keys(isDocument(named) ? named : {}),
  ]
  return [...new Set(all)].sort()
}

function changedSections(draft: DraftInHand, peer: string | undefined): ReadonlySet<string> {
  const changed = sections.filter((section) =>
    fieldsIn(section, peer).some(
      ({ path }) => fieldState(path, peer, draft.stored, draft.document).isChanged,
    ),
  )
  return new Set(changed.map(({ id }) => id))
}

interface ScopeProps {
  readonly peer: string | undefined
  readonly names: readonly string[]
  readonly document: Document
  readonly isYaml: boolean
}

/** Whose rules are shown, and how. */
function Scope({ peer, names, document, isYaml }: ScopeProps) {
  const navigate = useNavigate()
  const search = useSearch({ from: '/settings' })
  // Empty words leave the address.
  const go = (change: { readonly peer?: string; readonly view?: string }): void => {
    const next = Object.entries({ ...search, ...change }).filter(([, word]) => word !== '')
    void navigate({ to: '/settings', search: Object.fromEntries(next), resetScroll: false })
  }
  const own = peer === undefined ? undefined : valueAt(document, `peers.${peer}`)
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs">
        <Select
          aria-label="Rules for"
          size="xs"
          w={220}
          disabled={isYaml}
          allowDeselect={false}
          value={peer ?? ''}
          data={[
            { value: '', label: 'Every peer' },
            ...names.map((name) => ({ value: name, label: `Only ${name}` })),
          ]}
          onChange={(name) => go({ peer: name ?? '' })}
        />
        <SegmentedControl
          aria-label="Edit as"
          size="xs"
          value={isYaml ? 'yaml' : 'form'}
          onChange={(chosen) => go({ view: chosen === 'yaml' ? 'yaml' : '' })}
          data={[
            { value: 'form', label: 'Form' },
            { value: 'yaml', label: 'YAML' },
          ]}
        />
      </Group>
      {peer !== undefined && !isYaml && (
        <Text size="sm" c="dimmed">
          {own === undefined
            ? `The general rules hold for ${peer}. Override those that should not.`
            : `What is not overridden for ${peer} follows the general rules.`}
        </Text>
      )}
    </Stack>
  )
}

interface ProblemProps {
  readonly problem: string
  readonly rules: Document
  readonly mayEdit: boolean
}

/** Somebody wrote the document by other means, and wrote it wrong. */
function Problem({ problem, rules, mayEdit }: ProblemProps) {
  const client = useQueryClient()
  const replace = useMutation({
    mutationFn: () => call(endpoints.putSettings, { body: { ...rules } }),
    onSuccess: (view) => client.setQueryData(keys.settings, view),
  })
  return (
    <Alert color="red" title="What is stored is not valid" role="alert">
      <Stack gap="xs">
        <Text size="sm" className="foreign">
          {problem}
        </Text>
        <Text size="sm">Below are the rules in force. Saving them replaces what is stored.</Text>
        {replace.error !== null && <ErrorAlert error={replace.error} />}
        {mayEdit && (
          <Group>
            <Button variant="default" onClick={() => replace.mutate()} loading={replace.isPending}>
              Store the rules in force
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  )
}
