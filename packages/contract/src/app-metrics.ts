/** What the pods of an app use right now, as the metrics API of the host's cluster says. */
import { Type, type Static } from 'typebox'
import { quantity } from './quantity.ts'
import { appLimits } from './remote-app.ts'

const used = {
  cpu: quantity('CPU in use, averaged over the window: "12m".'),
  memory: quantity('Memory in use: "34Mi".'),
}

/** Apps have one container; what a host puts beside it is listed too. */
const MAX_CONTAINERS = 20

export const PodUsage = Type.Object({
  name: Type.String({ maxLength: 253 }),
  ...used,
  containers: Type.Array(Type.Object({ name: Type.String({ maxLength: 63 }), ...used }), {
    maxItems: MAX_CONTAINERS,
  }),
})
export type PodUsage = Static<typeof PodUsage>

/** Peers send it to each other as it is. */
export const AppMetrics = Type.Object({
  time: Type.String({
    format: 'date-time',
    maxLength: 40,
    description: 'When the newest of it was measured.',
  }),
  windowSeconds: Type.Number({
    minimum: 0,
    maximum: 86_400,
    description: 'Time over which CPU is averaged.',
  }),
  pods: Type.Array(PodUsage, {
    maxItems: 2 * appLimits.maxReplicas,
    description: 'Those that were measured: a new pod is missing for up to a minute.',
  }),
  limits: Type.Optional(
    Type.Object(
      {
        cpu: Type.Optional(quantity('Most CPU of one pod.')),
        memory: Type.Optional(quantity('Most memory of one pod.')),
      },
      { description: 'Of one pod, where it has any; defaults of the host included.' },
    ),
  ),
})
export type AppMetrics = Static<typeof AppMetrics>
