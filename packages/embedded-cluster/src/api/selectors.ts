/** Label and field selectors as they stand in queries. */
import { badRequest } from '../registry/api-error.ts'
import { objectAt, scalarText } from '../registry/fields.ts'
import { labelKeyProblem } from '../registry/names.ts'
import type { Stored } from '../registry/registry.ts'
import type { Resource } from '../registry/resource.ts'

export type Selector = (object: Stored) => boolean

const everything: Selector = () => true

/** Both selectors of a query as one; undefined parts select everything. */
export function parseSelectors(query: URLSearchParams, resource: Resource): Selector {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '')
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '', resource)
  if (labels === everything) return fields
  if (fields === everything) return labels
  return (object) => labels(object) && fields(object)
}

/** `a=b,c!=d,e in (f,g),h,!i`. */
function parseLabelSelector(text: string): Selector {
  const requirements = splitRequirements(text).map(parseRequirement)
  if (requirements.length === 0) return everything
  return (object) => requirements.every((holds) => holds(object.metadata.labels ?? {}))
}

/** At commas, but not at those between parentheses. */
function splitRequirements(text: string): readonly string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

type Requirement = (labels: Readonly<Record<string, string>>) => boolean

function parseRequirement(text: string): Requirement {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text)
  if (set !== null) {
    const [, key = '', operator, list = ''] = set
    checkKey(key, text)
    const values = list.split(',').map((value) => value.trim())
    const isIn: Requirement = (labels) => labels[key] !== undefined && values.includes(labels[key])
    return operator === 'in' ? isIn : (labels) => !isIn(labels)
  }
  const equality = /^([^=!<>\s]+)\s*(=|==|!=)\s*(\S*)$/.exec(text)
  if (equality !== null) {
    const [, key = '', operator, value = ''] = equality
    checkKey(key, text)
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value
  }
  const isAbsent = text.startsWith('!')
  const key = isAbsent ? text.slice(1).trim() : text
  checkKey(key, text)
  return (labels) => (labels[key] === undefined) === isAbsent
}

function checkKey(key: string, text: string): void {
  const problem = labelKeyProblem(key)
  if (problem === undefined) return
  throw badRequest(
    `unable to parse requirement: found ${JSON.stringify(text)}: ${JSON.stringify(key)} is no label key: ${problem}`,
  )
}

/** `metadata.name=x,status.phase!=Running`; only what the resource can be selected by. */
export function parseFieldSelector(text: string, resource: Resource): Selector {
  const terms = text.split(',').filter((term) => term !== '')
  if (terms.length === 0) return everything
  const requirements = terms.map((term) => parseFieldTerm(term, resource))
  return (object) => requirements.every((holds) => holds(object))
}

function parseFieldTerm(term: string, resource: Resource): Selector {
  const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(term)
  if (match === null) throw badRequest(`invalid field selector: ${JSON.stringify(term)}`)
  const [, path = '', operator, value = ''] = match
  const supported = ['metadata.name', 'metadata.namespace', ...resource.selectableFields]
  if (!supported.includes(path)) throw badRequest(`field label not supported: ${path}`)
  const read = fieldReader(path)
  return operator === '!=' ? (object) => read(object) !== value : (object) => read(object) === value
}

function fieldReader(path: string): (object: Stored) => string {
  // The core API calls an event's component its source.
  if (path === 'source') return (object) => scalarText(objectAt(object, 'source')['component'])
  const steps = path.split('.')
  const last = steps.at(-1) ?? ''
  const owner = steps.slice(0, -1)
  return (object) => {
    const value = objectAt(object, ...owner)[last]
    return typeof value === 'boolean' ? String(value) : scalarText(value)
  }
}
