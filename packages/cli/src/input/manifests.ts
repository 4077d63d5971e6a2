/**
 * `-f FILE|-`: documents as kubectl reads them. YAML 1.1, because `defaultMode: 0644` is octal there, without its
 * timestamps and base-60 numbers, which would turn `22:22` into 1342.
 */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { PorpulsionError } from '@porpulsion/contract'
import { parseAllDocuments, type Document } from 'yaml'
import type { Io } from '../io.ts'
import { readStdin } from './stdin.ts'

export async function readDocuments(io: Io, file: string): Promise<unknown[]> {
  const name = file === '-' ? 'stdin' : file
  const text = file === '-' ? await readStdin(io) : await readText(io, file)
  const documents = parseDocuments(text, name)
  if (documents.length === 0) throw invalid(`${name} holds no document`)
  return documents
}

export function parseDocuments(text: string, name: string): unknown[] {
  const documents = parseAllDocuments(text, {
    version: '1.1',
    customTags: (tags) =>
      tags.filter(
        (tag) =>
          typeof tag === 'string' || !(tag.tag.endsWith(':timestamp') || tag.format === 'TIME'),
      ),
  })
  const parsed = 'empty' in documents ? [] : documents
  return parsed
    .map((document) => valueOf(document, name))
    .filter((document) => document !== null && document !== undefined)
    .flatMap(itemsOf)
}

function valueOf(document: Document.Parsed, name: string): unknown {
  const [error] = document.errors
  if (error !== undefined) throw invalid(`${name}: ${error.message}`, error)
  try {
    return document.toJS()
  } catch (cause) {
    // Aliases that would grow without end.
    throw invalid(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
  }
}

/** A List holds what it lists, as `kubectl get -o yaml` writes it. */
function itemsOf(document: unknown): unknown[] {
  if (typeof document !== 'object' || document === null) return [document]
  const { kind, items } = document as { kind?: unknown; items?: unknown }
  const isList = typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)
  return isList ? (items as unknown[]) : [document]
}

async function readText({ cwd }: Io, file: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, file), 'utf8')
  } catch (cause) {
    const reason =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(cause)
    throw invalid(`${file} cannot be read: ${reason}`, cause)
  }
}

const invalid = (message: string, cause?: unknown): PorpulsionError =>
  new PorpulsionError('Invalid', 'ManifestInvalid', message, { cause })
