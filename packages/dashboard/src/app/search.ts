/** What stands behind the `?` of a page's address, read leniently: a link of yesterday must not break a page. */

type Params = Readonly<Record<string, unknown>>

/** The fields that hold one of these words; others are left out. */
export function words<const W extends Readonly<Record<string, readonly string[]>>>(
  allowed: W,
): (params: Params) => { [K in keyof W]?: W[K][number] } {
  return (params) => {
    const found = Object.entries(allowed).filter(([name, some]) =>
      some.includes(String(params[name])),
    )
    return Object.fromEntries(found.map(([name]) => [name, params[name]])) as {
      [K in keyof W]?: W[K][number] // each was found among its words
    }
  }
}

/** The fields that hold text. */
export function texts<const N extends readonly string[]>(
  ...names: N
): (params: Params) => Partial<Record<N[number], string>> {
  return (params) => {
    const found = names.flatMap((name): [string, string][] => {
      const value = params[name]
      // The router reads what looks like a number as one.
      if (typeof value === 'number' || typeof value === 'boolean') return [[name, String(value)]]
      return typeof value === 'string' && value !== '' ? [[name, value]] : []
    })
    return Object.fromEntries(found) as Partial<Record<N[number], string>> // of the names given
  }
}
