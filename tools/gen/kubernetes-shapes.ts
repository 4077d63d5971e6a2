/**
 * The fields of the built-in kinds that the embedded cluster serves, read from the type declarations of
 * `kubernetes-types` and written as one short line per type. The embedded cluster parses a line when it first meets
 * the type (`packages/embedded-cluster/src/registry/builtin-shapes.ts`), where the notation is described too.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import ts from 'typescript'

const roots: Readonly<Record<string, readonly string[]>> = {
  core: [
    'Namespace',
    'Node',
    'Pod',
    'Service',
    'Endpoints',
    'ConfigMap',
    'Secret',
    'ServiceAccount',
    'Event',
    'PersistentVolumeClaim',
    'PersistentVolume',
    'ResourceQuota',
    'LimitRange',
  ],
  apps: ['Deployment', 'ReplicaSet'],
  discovery: ['EndpointSlice'],
  events: ['Event'],
  coordination: ['Lease'],
  networking: ['NetworkPolicy', 'Ingress', 'IngressClass'],
  policy: ['PodDisruptionBudget'],
  scheduling: ['PriorityClass'],
  rbac: ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'],
  storage: ['StorageClass'],
  admissionregistration: ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
  apiextensions: ['CustomResourceDefinition'],
  authentication: ['TokenReview', 'TokenRequest', 'SelfSubjectReview'],
  authorization: [
    'SubjectAccessReview',
    'LocalSubjectAccessReview',
    'SelfSubjectAccessReview',
    'SelfSubjectRulesReview',
  ],
  autoscaling: ['Scale'],
  meta: ['DeleteOptions'],
}

/** Types that are not what their declaration says: free-form JSON, or a number with a fraction. */
const special: Readonly<Record<string, string>> = {
  'meta.Time': 't',
  'meta.MicroTime': 't',
  'meta.FieldsV1': '?',
  'resource.Quantity': 'q',
  'runtime.RawExtension': '?',
  // A schema inside a definition is data: it is read when the custom resource is served.
  'apiextensions.JSONSchemaProps': '?',
}

/** Fields that are in the API and not in the declarations. */
const undeclared: Readonly<Record<string, string>> = {
  'admissionregistration.NamedRuleWithOperations': 'resources:[s] scope:s',
}

interface Module {
  readonly name: string
  readonly declarations: ReadonlyMap<string, ts.InterfaceDeclaration | ts.TypeAliasDeclaration>
  readonly imports: ReadonlyMap<string, string>
}

export function kubernetesShapes(): string {
  const lines = new Map<string, string>()
  const queue = Object.entries(roots).flatMap(([name, kinds]) =>
    kinds.map((kind) => `${name}.${kind}`),
  )
  const modules = new Map<string, Module>()
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    if (lines.has(id)) continue
    const { line, references } = describeType(id, modules)
    lines.set(id, line)
    queue.push(...references)
  }
  const entries = [...lines].sort(([a], [b]) => a.localeCompare(b))
  return [
    '// Generated from kubernetes-types by `npm run gen`. The notation is described in builtin-shapes.ts.',
    'export const builtinTypes: Readonly<Record<string, string>> = {',
    ...entries.map(([id, line]) => `  '${id}': '${line}',`),
    '}',
    '',
  ].join('\n')
}

function describeType(
  id: string,
  modules: Map<string, Module>,
): { line: string; references: string[] } {
  const [moduleName = '', typeName = ''] = id.split('.')
  const module = load(moduleName, modules)
  const declaration = module.declarations.get(typeName)
  if (declaration === undefined || !ts.isInterfaceDeclaration(declaration)) {
    throw new Error(`kubernetes-types has no interface ${id}`)
  }
  const references: string[] = []
  const fields = declaration.members.filter(ts.isPropertySignature).map((member) => {
    const isOptional = member.questionToken !== undefined
    const name = member.name.getText().replaceAll(/['"]/g, '')
    if (member.type === undefined) throw new Error(`${id}.${name} has no type`)
    return `${name}${isOptional ? '' : '!'}:${notation(member.type, module, references)}`
  })
  const more = undeclared[id]
  return { line: [...fields, ...(more === undefined ? [] : [more])].join(' '), references }
}

function notation(type: ts.TypeNode, module: Module, references: string[]): string {
  if (ts.isLiteralTypeNode(type)) return 's'
  if (ts.isUnionTypeNode(type)) return type.types.every(isNumberOrString) ? 'x' : '?'
  if (ts.isTypeLiteralNode(type)) return `{${mapValue(type, module, references)}}`
  if (ts.isArrayTypeNode(type)) return `[${notation(type.elementType, module, references)}]`
  switch (type.kind) {
    case ts.SyntaxKind.StringKeyword:
      return 's'
    case ts.SyntaxKind.NumberKeyword:
      return 'i'
    case ts.SyntaxKind.BooleanKeyword:
      return 'b'
    default:
      return ts.isTypeReferenceNode(type) ? reference(type, module, references) : '?'
  }
}

function isNumberOrString(type: ts.TypeNode): boolean {
  return type.kind === ts.SyntaxKind.NumberKeyword || type.kind === ts.SyntaxKind.StringKeyword
}

function mapValue(type: ts.TypeLiteralNode, module: Module, references: string[]): string {
  const signature = type.members.find(ts.isIndexSignatureDeclaration)
  return signature === undefined ? '?' : notation(signature.type, module, references)
}

function reference(type: ts.TypeReferenceNode, module: Module, references: string[]): string {
  const name = type.typeName.getText()
  if (name === 'Array') {
    const [item] = type.typeArguments ?? []
    return `[${item === undefined ? '?' : notation(item, module, references)}]`
  }
  const id = `${module.imports.get(name) ?? module.name}.${name}`
  const known = special[id]
  if (known !== undefined) return known
  const local = module.imports.has(name) ? undefined : module.declarations.get(name)
  if (local !== undefined && ts.isTypeAliasDeclaration(local)) return '?'
  references.push(id)
  return `@${id}`
}

function load(name: string, modules: Map<string, Module>): Module {
  const known = modules.get(name)
  if (known !== undefined) return known
  const root = dirname(createRequire(import.meta.url).resolve('kubernetes-types/package.json'))
  const file = join(root, name, 'v1.d.ts')
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023, true)
  const declarations: [string, ts.InterfaceDeclaration | ts.TypeAliasDeclaration][] = []
  const imports = new Map<string, string>()
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
      declarations.push([statement.name.text, statement])
    } else if (ts.isImportDeclaration(statement)) {
      // '../meta/v1' → meta, '../api/resource' → resource, '../runtime' → runtime
      const path = statement.moduleSpecifier.getText().replaceAll(/['"]/g, '').split('/')
      const from = path.at(-1)?.startsWith('v') === true ? path.at(-2) : path.at(-1)
      const bindings = statement.importClause?.namedBindings
      if (bindings === undefined || !ts.isNamedImports(bindings) || from === undefined) continue
      for (const element of bindings.elements) imports.set(element.name.text, from)
    }
  }
  const module = { name, declarations: new Map(declarations), imports }
  modules.set(name, module)
  return module
}
