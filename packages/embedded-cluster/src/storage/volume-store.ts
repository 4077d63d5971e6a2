/** Persistent volumes are directories side by side; this is all that makes, finds and removes them. */
import { existsSync, mkdtempSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { VolumeDirectories } from '../registry/ports.ts'

/** A handle is the name of a directory. Whoever may write volumes chooses it: no slash, and no dot in front. */
const handlePattern = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/

export class VolumeStore implements VolumeDirectories {
  readonly #isTemporary: boolean
  #dir: string | undefined

  /** Without a directory: a temporary one, made when it is first needed and gone with `close`. */
  constructor(dir: string | undefined) {
    this.#dir = dir
    this.#isTemporary = dir === undefined
  }

  async create(handle: string): Promise<void> {
    await mkdir(this.#pathOf(handle), { recursive: true })
  }

  async remove(handle: string): Promise<void> {
    await rm(this.#pathOf(handle), { recursive: true, force: true, maxRetries: 5 })
  }

  find(handle: string): string | undefined {
    if (this.#dir === undefined || !handlePattern.test(handle)) return undefined
    const path = this.#pathOf(handle)
    return existsSync(path) ? path : undefined
  }

  async close(): Promise<void> {
    if (!this.#isTemporary || this.#dir === undefined) return
    await rm(this.#dir, { recursive: true, force: true, maxRetries: 5 })
  }

  #pathOf(handle: string): string {
    if (!handlePattern.test(handle)) throw new Error(`"${handle}" cannot be a volume handle`)
    this.#dir ??= mkdtempSync(join(tmpdir(), 'porpulsion-volumes-'))
    return join(this.#dir, handle)
  }
}
