/** What `kubectl get` shows of claims, volumes and storage classes. */
import { listAt, objectAt, scalarText, stringAt } from './fields.ts'
import { isDefaultClass } from './persistent-storage.ts'
import type { Stored } from './registry.ts'
import { age, type Cell, field, namedTable, tableOf, text, wide } from './table-columns.ts'

const unset = (...path: readonly string[]): Cell => {
  return (object) => stringAt(object, ...path) ?? '<unset>'
}

export const claimColumns = tableOf(
  text('Status', phaseOrTerminating),
  text('Volume', field('spec', 'volumeName')),
  text('Capacity', (claim) => scalarText(objectAt(claim, 'status', 'capacity')['storage'])),
  text('Access Modes', (claim) => accessModes(listAt(claim, 'status', 'accessModes'))),
  text('StorageClass', field('spec', 'storageClassName')),
  text('VolumeAttributesClass', unset('spec', 'volumeAttributesClassName')),
  age,
  wide(text('VolumeMode', unset('spec', 'volumeMode'))),
)

export const volumeColumns = tableOf(
  text('Capacity', (volume) => scalarText(objectAt(volume, 'spec', 'capacity')['storage'])),
  text('Access Modes', (volume) => accessModes(listAt(volume, 'spec', 'accessModes'))),
  text('Reclaim Policy', field('spec', 'persistentVolumeReclaimPolicy')),
  text('Status', phaseOrTerminating),
  text('Claim', (volume) => {
    const { namespace, name } = objectAt(volume, 'spec', 'claimRef')
    return name === undefined ? '' : `${scalarText(namespace)}/${scalarText(name)}`
  }),
  text('StorageClass', field('spec', 'storageClassName')),
  text('VolumeAttributesClass', unset('spec', 'volumeAttributesClassName')),
  text('Reason', field('status', 'reason')),
  age,
  wide(text('VolumeMode', unset('spec', 'volumeMode'))),
)

export const storageClassColumns = namedTable(
  (object) => `${object.metadata.name}${isDefaultClass(object) ? ' (default)' : ''}`,
  text('Provisioner', field('provisioner')),
  text('ReclaimPolicy', field('reclaimPolicy')),
  text('VolumeBindingMode', field('volumeBindingMode')),
  text('AllowVolumeExpansion', (object) =>
    String(objectAt({ object }, 'object')['allowVolumeExpansion'] === true),
  ),
  age,
)

function phaseOrTerminating(object: Stored): string {
  return object.metadata.deletionTimestamp === undefined
    ? (stringAt(object, 'status', 'phase') ?? '')
    : 'Terminating'
}

function accessModes(modes: readonly unknown[]): string {
  const short: Readonly<Record<string, string>> = {
    ReadWriteOnce: 'RWO',
    ReadOnlyMany: 'ROX',
    ReadWriteMany: 'RWX',
    ReadWriteOncePod: 'RWOP',
  }
  return modes.map((mode) => short[String(mode)] ?? String(mode)).join(',')
}
