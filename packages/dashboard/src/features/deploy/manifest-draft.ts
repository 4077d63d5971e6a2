/**
 * The manifest under construction. Form and YAML are two views of this one value, so a field that only one of them
 * shows is kept by the other.
 */
import {
  GROUP_VERSION,
  RemoteAppManifest,
  schemaErrors,
  type FieldError,
  type RemoteAppSpec,
} from '@porpulsion/contract'
import { parseYaml } from '../../api/manifest-yaml.ts'
import { misshapen } from './form-shape.ts'

export interface ManifestDraft {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name?: string; readonly namespace?: string }
  readonly spec: DraftSpec
}

/** A spec that may still lack what is required. */
export type DraftSpec = Partial<RemoteAppSpec>

export const emptyDraft: ManifestDraft = {
  apiVersion: GROUP_VERSION,
  kind: 'RemoteApp',
  metadata: { name: '' },
  spec: { image: '', replicas: 1 },
}

/** A field that became empty is left out, not sent as "". */
export function withSpec<K extends keyof DraftSpec>(
  draft: ManifestDraft,
  field: K,
  value: DraftSpec[K],
): ManifestDraft {
  const { [field]: _old, ...rest } = draft.spec
  return { ...draft, spec: isEmpty(value) ? rest : { ...rest, [field]: value } }
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

export type ReadDraft =
  | { readonly ok: true; readonly draft: ManifestDraft }
  | { readonly ok: false; readonly problem: string }

/** The text as a draft, when the form could show it; what else is wrong inside it, the check at the end says. */
export function fromYaml(text: string): ReadDraft {
  let value: unknown
  try {
    value = parseYaml(text)
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) }
  }
  const problem = misshapen(value)
  if (problem !== undefined) return { ok: false, problem }
  return { ok: true, draft: value as ManifestDraft } // has the shape that the form relies on, says misshapen
}

/** What the schema has to say against the draft; empty when it can be deployed. */
export const problemsOf = (draft: ManifestDraft): FieldError[] =>
  schemaErrors(RemoteAppManifest, draft)
