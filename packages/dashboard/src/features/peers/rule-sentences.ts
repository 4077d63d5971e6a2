/** The rules in force for a peer, as sentences. */
import type { FilledPeerSettings, PeerRules } from '@porpulsion/contract'
import { duration } from '../../ui/amounts.ts'

export interface RuleSentence {
  /** Where it is written: a section of the settings page. */
  readonly section: string
  readonly text: string
  /** It keeps the peer from something. */
  readonly restricts: boolean
}

/** In the order in which they are asked. */
export function ruleSentences(peer: string, answer: PeerRules): readonly RuleSentence[] {
  // The agent fills in every field; the schema is that of what may be written, where each may be left out.
  const rules = answer.rules
  if (!answer.accepted)
    return [
      refuses('inbound', `No app of ${peer} is taken: ${answer.reason ?? 'the rules say so'}.`),
      ...tunnelSentences(answer),
    ]
  return [
    allows('inbound', `Apps of ${peer} are taken.`),
    ...imageSentences(rules.images),
    rules.approval.required
      ? refuses(
          'approval',
          rules.approval.exemptReplicaChanges
            ? 'Each app waits for approval, and so does each change but that of replicas.'
            : 'Each app, and each change of one, waits for approval.',
        )
      : allows('approval', 'Nothing waits for approval.'),
    ...resourceSentences(rules.resources),
    rules.storage.enabled
      ? allows(
          'storage',
          rules.storage.maxPerClaim === ''
            ? 'Storage may be claimed.'
            : `Storage may be claimed, up to ${rules.storage.maxPerClaim} each.`,
        )
      : refuses('storage', 'No storage may be claimed.'),
    podSentence(rules.pods),
    ...tunnelSentences(answer),
    rules.exec.enabled
      ? allows('exec', 'It may open terminals in its own apps.')
      : refuses('exec', 'It may open no terminals.'),
  ]
}

const allows = (section: string, text: string): RuleSentence => ({
  section,
  text,
  restricts: false,
})
const refuses = (section: string, text: string): RuleSentence => ({
  section,
  text,
  restricts: true,
})

function imageSentences({
  allow,
  block,
  requireDigest,
}: FilledPeerSettings['images']): readonly RuleSentence[] {
  return [
    allow.length === 0
      ? allows('images', 'Any image may run.')
      : refuses('images', `Only these images may run: ${allow.join(', ')}.`),
    ...(block.length === 0 ? [] : [refuses('images', `Never these images: ${block.join(', ')}.`)]),
    ...(requireDigest ? [refuses('images', 'Images must be named by digest.')] : []),
  ]
}

function resourceSentences({
  requireRequests,
  requireLimits,
  maxPerPod,
  maxReplicasPerApp,
}: FilledPeerSettings['resources']): readonly RuleSentence[] {
  const most = [
    ...(maxPerPod.cpu === '' ? [] : [`${maxPerPod.cpu} CPU`]),
    ...(maxPerPod.memory === '' ? [] : [`${maxPerPod.memory} memory`]),
  ]
  const must = [...(requireRequests ? ['request'] : []), ...(requireLimits ? ['limit'] : [])]
  return [
    ...(must.length === 0
      ? []
      : [refuses('resources', `Every container must ${must.join(' and ')} its CPU and memory.`)]),
    ...(most.length === 0
      ? []
      : [refuses('resources', `A pod may take ${most.join(' and ')} at most.`)]),
    ...(maxReplicasPerApp === 0
      ? []
      : [refuses('resources', `An app may have ${maxReplicasPerApp} replicas at most.`)]),
  ]
}

function podSentence({
  securityLevel,
  allowSamePeer,
  egressCIDRs,
}: FilledPeerSettings['pods']): RuleSentence {
  const reach = [
    'the public internet',
    ...(allowSamePeer ? ['each other'] : []),
    ...egressCIDRs,
  ].join(', ')
  const level =
    securityLevel === 'restricted' ? 'Pods run at the restricted level' : 'Pods run at baseline'
  return {
    section: 'pods',
    text: `${level} and reach ${reach}.`,
    restricts: securityLevel === 'restricted',
  }
}

function tunnelSentences({ rules, tunnelsReason }: PeerRules): readonly RuleSentence[] {
  const { mode, approvalTtlSeconds } = rules.tunnels
  if (tunnelsReason !== undefined)
    return [refuses('tunnels', `No port can be reached: ${tunnelsReason}.`)]
  switch (mode) {
    case 'allow':
      return [allows('tunnels', 'It may reach the ports of its own apps.')]
    case 'approval':
      return [
        refuses(
          'tunnels',
          `Each port can be reached once approved, for ${duration(approvalTtlSeconds * 1_000)}.`,
        ),
      ]
    case 'off':
      return [refuses('tunnels', 'No port can be reached.')]
    default:
      return mode satisfies never
  }
}
