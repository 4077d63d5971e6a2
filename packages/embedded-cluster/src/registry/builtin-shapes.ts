/**
 * Shapes of the built-in kinds. The generated table has a line per type: fields separated by spaces, `!` after a
 * required one, then its type: `s` string, `i` integer, `b` boolean, `q` quantity, `t` time, `x` int-or-string,
 * `?` anything, `[…]` list, `{…}` map, `@module.Type` another line. A line is parsed when it is first asked for.
 */
import { builtinTypes } from './builtin-types.gen.ts'
import { atomicTypes, listRules } from './list-rules.ts'
import { anyShape, atomicList, type ObjectShape, type ScalarType, type Shape } from './shape.ts'

const scalars: Readonly<Record<string, ScalarType>> = {
  s: 'string',
  i: 'integer',
  b: 'boolean',
  q: 'quantity',
  t: 'time',
  x: 'int-or-string',
}

export class BuiltinShapes {
  readonly #types = new Map<string, ObjectShape>()

  /** Of a type in the table, such as `apps.Deployment`. */
  of(typeName: string): ObjectShape {
    let shape = this.#types.get(typeName)
    if (shape === undefined) {
      shape = this.#parse(typeName)
      this.#types.set(typeName, shape)
    }
    return shape
  }

  #parse(typeName: string): ObjectShape {
    const line = builtinTypes[typeName]
    if (line === undefined) throw new Error(`No built-in type ${typeName}`)
    const notations = new Map<string, string>()
    const required: string[] = []
    for (const field of line.split(' ')) {
      const colon = field.indexOf(':')
      const name = field.slice(0, colon).replace('!', '')
      if (field[colon - 1] === '!') required.push(name)
      if (colon > 0) notations.set(name, field.slice(colon + 1))
    }
    const fields = new Map<string, Shape>()
    return {
      kind: 'object',
      typeName,
      fieldNames: [...notations.keys()],
      required,
      atomic: atomicTypes.has(typeName),
      open: false,
      field: (name) => {
        const known = fields.get(name)
        const notation = notations.get(name)
        if (known !== undefined || notation === undefined) return known
        const shape = this.#shape(notation, `${typeName}.${name}`)
        fields.set(name, shape)
        return shape
      },
    }
  }

  #shape(notation: string, place: string): Shape {
    const inside = notation.slice(1, -1)
    switch (notation[0]) {
      case '@':
        return this.of(notation.slice(1))
      case '{':
        return { kind: 'map', values: this.#shape(inside, place), atomic: atomicTypes.has(place) }
      case '[': {
        const rule = listRules[place]
        return {
          kind: 'list',
          items: this.#shape(inside, place),
          merge: rule?.merge ?? atomicList,
          patchKey: rule?.patchKey,
          patchSet: rule?.patchSet ?? false,
        }
      }
      default: {
        const type = scalars[notation]
        return type === undefined ? anyShape : { kind: 'scalar', type }
      }
    }
  }
}
