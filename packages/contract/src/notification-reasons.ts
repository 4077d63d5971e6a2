interface Meaning {
  readonly means: string
  /** What to do, or that nothing is to be done. */
  readonly todo: string
  /** It goes on until it is over: told once, and taken back by itself. */
  readonly lasts?: true
}

/** Every reason of a notification, once: docs/notifications.md is made from it, and nothing else can be told. */
export const notificationReasons = {
  // apps of peers, here
  ApprovalWaiting: {
    means: 'An app of a peer, a change of one, or a tunnel waits for approval.',
    todo: '`porpulsion approval list`, then `approve` or `reject`.',
  },
  AppCrashLooping: {
    means:
      'A pod of an app ends again and again: told to its submitter about the RemoteApp, and to its host about the ExecutingApp.',
    todo: '`porpulsion app logs APP --previous`. Taken back when it has been ready for ten minutes, or is gone.',
    lasts: true,
  },
  AppNotReadyInTime: {
    means:
      'An app is not ready within its `readyTimeoutSeconds`; the message has the reason. Told on both sides.',
    todo: '`porpulsion app get APP` has conditions, pods and events.',
  },
  AppRefused: {
    means: 'The rules of the host refuse an app or a change of it. Told on both sides.',
    todo: 'Change the app, or ask the owner of the host to change the rule that is named.',
  },
  TooManyDeletions: {
    means: 'A peer says that many of its apps here are deleted at once; none was.',
    todo: 'Ask its operator; the message has the command that deletes one.',
  },
  TotalNearlyUsed: {
    means:
      'Apps that run here use 90 % of a total of the rules or more: of one peer, or of all together.',
    todo: 'Raise the total, or have apps removed; at the total new ones are refused. Taken back below 80 %.',
    lasts: true,
  },

  // our apps, at peers
  AppRejected: {
    means: 'The owner of the host rejected an app, or a change of it; the message has their note.',
    todo: 'Change the app as the note says; a changed app is looked at anew.',
  },
  ExposedPortRefused: {
    means:
      'Connections to the local Service of an app (`expose: true`) are refused, by the rules of its host or at a limit.',
    todo: 'Ask the owner of the host to allow or approve the tunnel; the message has the rule. It passes with the next connection that succeeds.',
  },
  AppDeletedUnconfirmed: {
    means: 'An app was deleted while its host was away, so that it may still run there.',
    todo: 'Nothing: it is removed when the host is back.',
  },

  // peers
  PeerAwaitingConfirmation: {
    means: 'Somebody redeemed an invite.',
    todo: 'Compare the six words with its operator, then `porpulsion peer confirm PEER`.',
  },
  PeerIdentityRenewed: {
    means: 'A peer has renewed its CA: the new one is signed by the former one.',
    todo: 'Nothing, if its operator says so. If they did not, its key was stolen: remove the peer.',
  },
  IdentityRenewed: {
    means: 'This agent has renewed its CA, and uses the new one from now on.',
    todo: 'Take a new backup of Secret `porpulsion-identity`: the one before it is worth nothing now.',
  },
  LinkLost: {
    means: 'The link to a peer has been down for five minutes.',
    todo: 'The message has the reason. Taken back when the link is up.',
    lasts: true,
  },
  RemovedByPeer: {
    means: 'The other side removed us as its peer, or does not know us.',
    todo: 'Ask its operator; peer again with a new invite, or `porpulsion peer remove PEER`. Taken back when the link is up.',
    lasts: true,
  },
  CertificateRefused: {
    means:
      'The inner TLS with a peer fails for its certificate or ours: it is not valid now, or another identity answers.',
    todo: 'Set the clocks if the message says so; else find out who answers at the URL. Taken back when the link is up.',
    lasts: true,
  },
  CertificateNotRenewed: {
    means: 'A session goes on with a certificate that should have been replaced hours ago.',
    todo: 'The log says why no new session comes up. Taken back with the next session.',
    lasts: true,
  },
  OuterCertificateRefused: {
    means: 'The TLS of the ingress in front of a peer is refused.',
    todo: 'Renew it there, or name its authority in `peering.outerCaFile`. Taken back when the link is up.',
    lasts: true,
  },
  OuterCertificateExpiring: {
    means: 'The certificate of the ingress in front of a peer ends within three days.',
    todo: 'Have its operator renew it. Taken back when a session sees a new one.',
    lasts: true,
  },
  ClockDiffers: {
    means:
      'The clock of a peer and ours differ by five minutes or more; at an hour links begin to fail.',
    todo: 'Set the clocks. Taken back when a new session finds them together.',
    lasts: true,
  },
  IdentityExpiring: {
    means: 'The CA certificate of this agent, or of a peer, ends within 180 days.',
    todo: 'Peer again with a new identity before; without one every link ends that day.',
    lasts: true,
  },
} as const satisfies Readonly<Record<string, Meaning>>

export type NotificationReason = keyof typeof notificationReasons
