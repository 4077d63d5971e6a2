/** Namespaces, access control and the rest: the few rules each of them has. */
import { type FieldCause, forbidden } from '../api-error.ts'
import { ensureObject, listAt, objectAt, objectsAt, setDefault, stringAt } from '../fields.ts'
import { invalid, notSupported, required } from '../field-errors.ts'
import { deepEqual, type JsonObject } from '../json.ts'
import type { Strategy } from '../resource.ts'

const rbacGroup = 'rbac.authorization.k8s.io'
const eternalNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

export const namespaceStrategy: Strategy = {
  applyDefaults(draft) {
    const { metadata } = draft
    metadata.labels = {
      ...metadata.labels,
      'kubernetes.io/metadata.name': metadata.name ?? '',
    }
  },
  prepareCreate(draft) {
    draft['spec'] = { finalizers: ['kubernetes'] }
    draft['status'] = { phase: 'Active' }
  },
  prepareUpdate(draft, old) {
    // Changed through the finalize subresource only.
    draft['spec'] = objectAt(old, 'spec')
  },
  checkDelete(namespace) {
    const { name } = namespace.metadata
    if (!eternalNamespaces.includes(name)) return undefined
    return forbidden({ group: '', plural: 'namespaces' }, name, 'this namespace may not be deleted')
  },
  holdsDeletion: (namespace) => listAt(namespace, 'spec', 'finalizers').length > 0,
  onDeletion(draft) {
    ensureObject(draft, 'status')['phase'] = 'Terminating'
  },
}

export const bindingStrategy: Strategy = {
  applyDefaults(draft) {
    setDefault(ensureObject(draft, 'roleRef'), 'apiGroup', rbacGroup)
    for (const subject of objectsAt(draft, 'subjects')) {
      setDefault(subject, 'apiGroup', subject['kind'] === 'ServiceAccount' ? '' : rbacGroup)
      if (subject['apiGroup'] === '') delete subject['apiGroup']
    }
  },
  validate(binding, old) {
    const roleRef = objectAt(binding, 'roleRef')
    const causes = validateRoleRef(roleRef)
    objectsAt(binding, 'subjects').forEach((subject, index) => {
      causes.push(...validateSubject(subject, `subjects[${index}]`))
    })
    if (old !== undefined && !deepEqual(roleRef, objectAt(old, 'roleRef'))) {
      causes.push(invalid('roleRef', roleRef, 'cannot change roleRef'))
    }
    return causes
  },
}

function validateRoleRef(roleRef: JsonObject): FieldCause[] {
  const causes: FieldCause[] = []
  const kind = stringAt(roleRef, 'kind') ?? ''
  if (!['Role', 'ClusterRole'].includes(kind)) {
    causes.push(notSupported('roleRef.kind', kind, ['ClusterRole', 'Role']))
  }
  if (!stringAt(roleRef, 'name')) causes.push(required('roleRef.name'))
  return causes
}

function validateSubject(subject: JsonObject, path: string): FieldCause[] {
  const kinds = ['ServiceAccount', 'User', 'Group']
  const kind = stringAt(subject, 'kind') ?? ''
  if (!kinds.includes(kind)) return [notSupported(`${path}.kind`, kind, kinds)]
  if (!stringAt(subject, 'name')) return [required(`${path}.name`)]
  const needsNamespace = kind === 'ServiceAccount' && !stringAt(subject, 'namespace')
  return needsNamespace ? [required(`${path}.namespace`)] : []
}

export const roleStrategy: Strategy = {
  validate(role) {
    return objectsAt(role, 'rules').flatMap((rule, index) => {
      const path = `rules[${index}]`
      if (listAt(rule, 'verbs').length === 0) {
        return [required(`${path}.verbs`, 'verbs must contain at least one value')]
      }
      if (listAt(rule, 'nonResourceURLs').length > 0) return []
      const causes: FieldCause[] = []
      if (listAt(rule, 'apiGroups').length === 0) {
        causes.push(
          required(`${path}.apiGroups`, 'resource rules must supply at least one api group'),
        )
      }
      if (listAt(rule, 'resources').length === 0) {
        causes.push(
          required(`${path}.resources`, 'resource rules must supply at least one resource'),
        )
      }
      return causes
    })
  },
}

export const noRules: Strategy = {}
