/** Where each rule stands on the page, under which name; what it means is read from the schema. */

export interface FieldPlace {
  /** `images.allow`, as in the document. */
  readonly path: string
  readonly label: string
  /** What may happen to whoever switches it on. Its field is marked, and it is said again before it is saved. */
  readonly risk?: string
}

export interface Section {
  readonly id: string
  readonly title: string
  readonly about: string
  readonly fields: readonly FieldPlace[]
}

export const sections: readonly Section[] = [
  {
    id: 'inbound',
    title: 'Who may send apps',
    about: 'Peers are let in by invite; this says whose apps are taken.',
    fields: [
      { path: 'inbound.enabled', label: 'Take apps from peers' },
      { path: 'inbound.allowPeers', label: 'Only from these peers' },
      { path: 'inbound.denyPeers', label: 'Never from these peers' },
    ],
  },
  {
    id: 'images',
    title: 'Images',
    about:
      'Which container images may run here. "nginx" is read as docker.io/library/nginx:latest.',
    fields: [
      { path: 'images.allow', label: 'Allowed images' },
      { path: 'images.block', label: 'Blocked images' },
      { path: 'images.requireDigest', label: 'Require a digest' },
    ],
  },
  {
    id: 'approval',
    title: 'Approval',
    about: 'Whether somebody here looks at an app before it runs. What was approved is what runs.',
    fields: [
      { path: 'approval.required', label: 'Ask before apps run' },
      { path: 'approval.exemptReplicaChanges', label: 'Let approved apps scale' },
    ],
  },
  {
    id: 'resources',
    title: 'Resources',
    about: 'What one app, and one pod of it, may ask for.',
    fields: [
      { path: 'resources.requireRequests', label: 'Require requests' },
      { path: 'resources.requireLimits', label: 'Require limits' },
      { path: 'resources.maxPerPod.cpu', label: 'CPU per pod' },
      { path: 'resources.maxPerPod.memory', label: 'Memory per pod' },
      { path: 'resources.maxReplicasPerApp', label: 'Replicas per app' },
      { path: 'resources.defaults.requests.cpu', label: 'CPU request, if none is given' },
      { path: 'resources.defaults.requests.memory', label: 'Memory request, if none is given' },
      { path: 'resources.defaults.limits.cpu', label: 'CPU limit, if none is given' },
      { path: 'resources.defaults.limits.memory', label: 'Memory limit, if none is given' },
    ],
  },
  {
    id: 'totals',
    title: 'Totals',
    about: 'What all apps may take together. At a total, new apps are refused; nothing is stopped.',
    fields: [
      { path: 'totals.apps', label: 'Apps' },
      { path: 'totals.pods', label: 'Pods' },
      { path: 'totals.cpu', label: 'CPU' },
      { path: 'totals.memory', label: 'Memory' },
      { path: 'totals.storage', label: 'Storage' },
    ],
  },
  {
    id: 'storage',
    title: 'Storage',
    about: 'Volumes that outlive pods.',
    fields: [
      { path: 'storage.enabled', label: 'Let apps claim storage' },
      { path: 'storage.maxPerClaim', label: 'Size of one claim' },
    ],
  },
  {
    id: 'pods',
    title: 'Pods',
    about: 'How far pods of peers are shut in.',
    fields: [
      { path: 'pods.securityLevel', label: 'Security level' },
      { path: 'pods.allowSamePeer', label: 'Pods of one peer reach each other' },
      { path: 'pods.egressCIDRs', label: 'Networks they may reach' },
    ],
  },
  {
    id: 'tunnels',
    title: 'Tunnels',
    about: 'How peers reach the ports of the apps they run here. What is closed cuts what is open.',
    fields: [
      { path: 'tunnels.mode', label: 'Tunnels to ports' },
      { path: 'tunnels.allowPeers', label: 'Only for these peers' },
      { path: 'tunnels.approvalTtlSeconds', label: 'An approval holds for' },
      {
        path: 'tunnels.pathModeForBrowsers',
        label: 'Serve remote pages under our address',
        risk: 'A page of a remote app shares this address then: one that is hostile could act here in your name.',
      },
    ],
  },
  {
    id: 'terminals',
    title: 'Terminals',
    about: 'Commands that peers run in the pods of their own apps.',
    fields: [{ path: 'exec.enabled', label: 'Let peers run commands' }],
  },
  {
    id: 'peering',
    title: 'Peering',
    about: 'How new peers are made, and how their ingress is trusted.',
    fields: [
      {
        path: 'peering.autoConfirm',
        label: 'Confirm peers by themselves',
        risk: 'Whoever gets hold of an invite first becomes your peer, and nobody compares fingerprints.',
      },
      { path: 'peering.outerCaFile', label: 'Private CA of ingresses' },
      {
        path: 'peering.allowUntrustedIngress',
        label: 'Accept any ingress certificate',
        risk: 'Somebody between the clusters can see when and how much is sent; what is sent stays sealed by the inner TLS.',
      },
    ],
  },
]

export const allPlaces: readonly FieldPlace[] = sections.flatMap(({ fields }) => fields)

/** `peers.b.images.allow` is the place of `images.allow`. */
export const placeOf = (path: string): FieldPlace | undefined => {
  const general = path.replace(/^peers\.[^.]*\./, '')
  return allPlaces.find((place) => place.path === general)
}
