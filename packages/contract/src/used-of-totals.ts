/** What apps take of the totals of the owner's rules. */
import { Type, type Static } from 'typebox'

const Amounts = (none: string) =>
  Type.Object({
    apps: Type.Integer(),
    pods: Type.Integer(),
    cpu: Type.String({ maxLength: 64, description: `A Kubernetes quantity${none}.` }),
    memory: Type.String({ maxLength: 64, description: `A Kubernetes quantity${none}.` }),
    storage: Type.String({ maxLength: 64, description: `A Kubernetes quantity${none}.` }),
  })

/** Limits of pods count, not requests; what has no limit is not in `cpu` and `memory`. */
export const UsedOfTotals = Type.Object({
  used: Amounts(''),
  limits: Amounts('; "" means no limit, as 0 does of apps and pods'),
})
export type UsedOfTotals = Static<typeof UsedOfTotals>
