/** What to do when an invite could not be redeemed. */
import { isPorpulsionError } from '@porpulsion/contract'

const askForAnother = 'Ask the other operator for a new invite, and paste that one.'

const advice: Readonly<Record<string, string>> = {
  InviteExpired: askForAnother,
  InviteUsed: `${askForAnother} If nobody of you used this one, somebody else did: tell them.`,
  InviteInvalid: askForAnother,
  PeerExists:
    'You have a peer of this name, or this very cluster, already. Give it another name below, or remove the old one first.',
  SelfPeering: 'This invite was made here. Paste it at the other cluster.',
  PeerUnreachable:
    'Nothing answers at its address from here. Check that the other agent runs and that a firewall lets this cluster reach it – or let this cluster make the invite, so that the other one dials.',
  PeerIdentityMismatch:
    'Somebody else answers at this address. Do not try again: ask the other operator, over the phone, for the fingerprint of their cluster.',
  PeerRevoked: 'One side removed the other before. A new invite from the other cluster lifts that.',
  IdentityMissing: 'Restore the identity of this agent first.',
}

export function inviteAdvice(error: Error): string | undefined {
  return isPorpulsionError(error) ? advice[error.code] : undefined
}
