import {
  effectiveSettings,
  PorpulsionError,
  type Settings,
  type SettingsView,
} from '@porpulsion/contract'
import { parseDocument, stringify } from 'yaml'
import type { Caller } from '../api/index.ts'
import { parseYaml, type DocumentStore, type StoredText } from '../documents/index.ts'
import type { Logger } from '../observability/index.ts'
import {
  closedSettings,
  isObject,
  mergePatch,
  parseSettings,
  settingsRevision,
} from './settings.ts'

export interface SettingsStore {
  /** Reads the document and follows it until the signal fires. */
  start(signal: AbortSignal): Promise<void>
  /** The rules in force: the last valid document's. */
  current(): Settings
  /** Changes exactly when the rules in force do. */
  revision(): string
  view(): SettingsView
  /** Called after the rules in force, or what is wrong with the stored document, changed. */
  onChange(listener: () => void): () => void
  /** Throws `SettingsInvalid`; then nothing has changed. */
  replace(document: unknown, caller: Caller): Promise<SettingsView>
  /** RFC 7386. Comments in the stored document stay. */
  patch(patch: unknown, caller: Caller): Promise<SettingsView>
}

export interface SettingsStoreDeps {
  /** ConfigMap `porpulsion-settings`, key `settings.yaml`. */
  readonly store: DocumentStore
  readonly logger: Logger
}

/** How often a change is tried again when somebody else was faster. */
const MAX_WRITE_ATTEMPTS = 5

export function createSettingsStore(deps: SettingsStoreDeps): SettingsStore {
  return new FollowedSettings(deps)
}

/** What is stored, read. `problem` says why the rules in force are not what is stored. */
interface InForce {
  readonly text: string
  readonly settings: Settings
  readonly revision: string
  readonly problem?: string
}

class FollowedSettings implements SettingsStore {
  readonly #store: DocumentStore
  readonly #logger: Logger
  readonly #listeners = new Set<() => void>()
  #inForce = inForce('', closedSettings)
  #hasBeenValid = false
  /** Versions we wrote whose events are still to come. */
  readonly #ownVersions = new Set<string>()
  #lastOwnVersion: string | undefined

  constructor({ store, logger }: SettingsStoreDeps) {
    this.#store = store
    this.#logger = logger
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#store.follow((document) => this.#onEvent(document), signal)
  }

  current(): Settings {
    return this.#inForce.settings
  }

  revision(): string {
    return this.#inForce.revision
  }

  view(): SettingsView {
    const { text, settings, revision, problem } = this.#inForce
    return {
      revision,
      document: documentOrText(text),
      effective: settings,
      ...(problem !== undefined && { problem }),
    }
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async replace(document: unknown, caller: Caller): Promise<SettingsView> {
    const text = stringify(parseSettings(document))
    return await this.#write(() => text, caller)
  }

  async patch(patch: unknown, caller: Caller): Promise<SettingsView> {
    return await this.#write((stored) => {
      const text = stored?.text ?? ''
      const before = parseYaml(text)
      const merged = mergePatch(before, patch)
      parseSettings(merged)
      return withChanges(text, before, merged)
    }, caller)
  }

  async #write(
    change: (stored: StoredText | undefined) => string,
    caller: Caller,
  ): Promise<SettingsView> {
    for (let attempt = 1; attempt <= MAX_WRITE_ATTEMPTS; attempt++) {
      const stored = await this.#store.read()
      const text = change(stored)
      const written = await this.#store.write(text, stored?.version)
      if (written === undefined) continue
      this.#ownVersions.add(written.version)
      this.#lastOwnVersion = written.version
      this.#take(text)
      this.#logger.info({ caller: caller.name, revision: this.revision() }, 'Changed the settings')
      return this.view()
    }
    throw contended(this.#store)
  }

  /** The late event of a write of ours that a later one has replaced would put the old rules in force again. */
  #onEvent(document: StoredText | undefined): void {
    const version = document?.version ?? ''
    const isOwn = this.#ownVersions.has(version)
    if (isOwn && version !== this.#lastOwnVersion) return
    if (isOwn) this.#ownVersions.clear()
    this.#take(document?.text ?? '')
  }

  /** An invalid document changes nothing but what is said about it. */
  #take(text: string): void {
    const before = this.#inForce
    try {
      this.#inForce = inForce(text, effectiveSettings(parseSettings(parseYaml(text))))
      this.#hasBeenValid = true
    } catch (error) {
      const problem = problemOf(error, this.#hasBeenValid)
      this.#inForce = { ...before, text, problem }
      if (problem !== before.problem)
        this.#logger.warn({ problem }, 'Kept the settings because the stored ones are invalid')
    }
    const { revision, problem } = this.#inForce
    if (revision === before.revision && problem === before.problem && text === before.text) return
    for (const listener of this.#listeners) listener()
  }
}

const inForce = (text: string, settings: Settings): InForce => ({
  text,
  settings,
  revision: settingsRevision(settings),
})

function problemOf(error: unknown, hasBeenValid: boolean): string {
  const reason = error instanceof Error ? error.message : String(error)
  const consequence = hasBeenValid
    ? 'The last valid settings stay in force'
    : 'No apps are taken from peers until they are valid'
  return `${reason}. ${consequence}.`
}

/** What the owner wrote; as text when it is not even YAML. */
function documentOrText(text: string): unknown {
  try {
    return parseYaml(text) ?? {}
  } catch {
    return text
  }
}

/** Changes only what differs, so that the owner's comments and order stay. */
function withChanges(text: string, before: unknown, after: unknown): string {
  const document = parseDocument(text, { version: '1.1' })
  applyDifference(document, [], before, after)
  return document.toString()
}

function applyDifference(
  document: ReturnType<typeof parseDocument>,
  path: readonly string[],
  before: unknown,
  after: unknown,
): void {
  if (!isObject(before) || !isObject(after)) {
    if (path.length === 0) document.contents = document.createNode(after)
    else if (JSON.stringify(before) !== JSON.stringify(after)) document.setIn(path, after)
    return
  }
  for (const key of Object.keys(before))
    if (!Object.hasOwn(after, key)) document.deleteIn([...path, key])
  for (const [key, value] of Object.entries(after))
    applyDifference(document, [...path, key], before[key], value)
}

const contended = (store: DocumentStore): PorpulsionError =>
  new PorpulsionError(
    'Conflict',
    'RecordContended',
    `${store.description} kept changing while it was written; try again`,
  )
