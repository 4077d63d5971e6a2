/** Owners and names: what ties the objects we make to the object they are made for. */
import { createHash } from 'node:crypto'
import type { OwnerReference } from 'kubernetes-types/meta/v1.d.ts'
import type { KubeObject, Stored } from './kube-object.ts'

export type { OwnerReference }

/** The longest DNS-1123 label, and so the longest name that fits every kind and every label value. */
export const maxLabelCharacters = 63
/** 50 bits: chance does not make two names equal, and an owner check catches intent. */
const hashCharacters = 10
const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/** Makes `owner` the controller of a child in its own namespace: deleting the owner deletes the child. */
export function ownerReference(owner: Stored<KubeObject>): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  }
}

export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find(({ controller }) => controller === true)
}

/** By uid: a namesake created later is somebody else. */
export function isControlledBy(object: KubeObject, owner: Stored<KubeObject>): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid
}

export function isBeingDeleted(object: KubeObject): boolean {
  return object.metadata?.deletionTimestamp !== undefined
}

export function isDnsLabel(text: string): boolean {
  return text.length <= maxLabelCharacters && dnsLabel.test(text)
}

/**
 * The text itself if it can be a name as it is; else its readable part and a hash of all of it, so that texts that
 * differ only in what had to go still have different names.
 */
export function dnsName(text: string, maxCharacters: number = maxLabelCharacters): string {
  return text.length <= maxCharacters && isDnsLabel(text)
    ? text
    : hashedName(text, [text], maxCharacters)
}

/** As `dnsName`, for Services: their names must begin with a letter. */
export function dnsServiceName(text: string): string {
  const name = dnsName(text)
  return /^[a-z]/.test(name) ? name : hashedName(`x-${text}`, [text])
}

/** A name that is always the same for the same identity and different for any other; begins readably. */
export function hashedName(
  readable: string,
  identity: readonly string[],
  maxCharacters: number = maxLabelCharacters,
): string {
  const prefix = readable
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, maxCharacters - hashCharacters - 1)
    .replaceAll(/^-+|-+$/g, '')
  const hash = shortHash(identity)
  return prefix === '' ? `x-${hash}` : `${prefix}-${hash}`
}

/** Lower-case letters and digits. Parts are hashed with their lengths: ['ab', 'c'] is not ['a', 'bc']. */
export function shortHash(identity: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(identity)).digest()
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  return Array.from(digest.subarray(0, hashCharacters), (byte) => alphabet.charAt(byte % 32)).join(
    '',
  )
}
