/** What the owner's rules come to: for one peer, of what is used, and of a document that is not in force yet. */
import { Type, type Static } from 'typebox'
import { ViolationList } from './approvals.ts'
import { PeerSettings, type Filled } from './settings.ts'
import { UsedOfTotals } from './used-of-totals.ts'

/** The rules as they hold for one peer, with nothing left out. */
export type FilledPeerSettings = Filled<PeerSettings>

export const PeerRules = Type.Object({
  accepted: Type.Boolean({ description: 'Apps of this peer are taken at all.' }),
  reason: Type.Optional(Type.String({ description: 'Why they are not.' })),
  tunnelsReason: Type.Optional(
    Type.String({ description: 'Why tunnels are off for this peer beside `tunnels.mode`.' }),
  ),
  // The schema of what may be set, and every field of it is there.
  rules: Type.Unsafe<FilledPeerSettings>(PeerSettings),
})
export type PeerRules = Static<typeof PeerRules>

export const Usage = Type.Object({
  all: UsedOfTotals,
  peers: Type.Array(Type.Object({ peer: Type.String(), ...UsedOfTotals.properties })),
})
export type Usage = Static<typeof Usage>

export const SettingsPreview = Type.Object({
  changes: Type.Array(Type.String(), {
    description: 'Dotted paths of the rules that would change; empty when the rules stay.',
  }),
  violations: Type.Array(ViolationList.properties.items.items, {
    description:
      'Apps that run here and would break the rules then, with all that is against each.',
  }),
  noLonger: Type.Array(ViolationList.properties.items.items, {
    description: 'Apps that break the rules in force and would not then.',
  }),
})
export type SettingsPreview = Static<typeof SettingsPreview>
