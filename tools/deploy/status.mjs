// @ts-check
/** `make status`: clusters, agents, peers and apps, at one glance. */

/** @typedef {{ readonly metadata: any, readonly spec?: any, readonly status?: any }} KubeObject */

/**
 * What one cluster says of itself.
 *
 * @typedef {object} Seen
 * @property {string} name
 * @property {number} pagePort
 * @property {KubeObject | undefined} [deployment]
 * @property {readonly KubeObject[]} [pods]
 * @property {readonly KubeObject[]} [peers]
 * @property {readonly KubeObject[]} [apps] of this cluster, at its peers
 * @property {readonly KubeObject[]} [hosted] of its peers, here
 */

export async function showStatus(/** @type {import('./session.mjs').Session} */ session) {
  const { steps } = session
  if (!session.isDeployed()) {
    steps.print('There are no clusters here: make deploy starts them')
    return
  }
  const seen = await Promise.all(session.deployed().map(look))
  steps.print(seen.map(describe).join('\n\n'))
}

/** @returns {Promise<Seen>} */
async function look(/** @type {import('./cluster.mjs').Cluster} */ { name, pagePort, get }) {
  // One that is gone or half installed is part of the picture.
  const list = (/** @type {string[]} */ ...args) =>
    get(args).then(
      ({ items }) => items,
      () => undefined,
    )
  const [deployments, pods, peers, apps, hosted] = await Promise.all([
    list('deployments', '--selector', 'app.kubernetes.io/component=agent'),
    list('pods', '--selector', 'app.kubernetes.io/component=agent'),
    list('peers.porpulsion.io'),
    list('remoteapps.porpulsion.io', '--all-namespaces'),
    list('executingapps.porpulsion.io', '--all-namespaces'),
  ])
  return { name, pagePort, deployment: deployments?.[0], pods, peers, apps, hosted }
}

/** @param {Seen} seen */
export function describe({ name, pagePort, deployment, pods, peers, apps, hosted }) {
  if (pods === undefined) return `${name}  the cluster does not answer; make deploy starts it again`
  if (deployment === undefined) return `${name}  cluster up, no agent: make deploy installs it`
  return [
    `${name}  http://localhost:${pagePort}  agent ${agentState(deployment, pods)}`,
    ...(peers?.length === 0 ? ['   no peers yet'] : section('peer', peers, peerLine)),
    ...section('app', apps, appLine),
    ...section('runs', hosted, (app) => hostedLine(app, peers ?? [])),
  ].join('\n')
}

/** @param {KubeObject} deployment @param {readonly KubeObject[]} pods */
function agentState({ spec, status }, pods) {
  const [container] = spec.template.spec.containers
  const ready = `${status?.readyReplicas ?? 0}/${spec.replicas} ready`
  const restarts = pods
    .flatMap((pod) => pod.status?.containerStatuses ?? [])
    .reduce((sum, { restartCount }) => sum + restartCount, 0)
  return `${ready}, ${restarts} restarts, image ${container.image.replace(/^.*:/, '')}`
}

/**
 * @param {string} title
 * @param {readonly KubeObject[] | undefined} items
 * @param {(item: KubeObject) => string} line
 */
const section = (title, items, line) =>
  (items ?? []).map((item) => `   ${title.padEnd(5)} ${line(item)}`)

const peerLine = (/** @type {KubeObject} */ { metadata, spec, status }) => {
  const link = status?.link ?? 'Unknown'
  const confirm = spec.confirmed === true ? '' : ', not confirmed here yet'
  const why = link === 'Connected' || !status?.linkMessage ? '' : `: ${status.linkMessage}`
  return `${metadata.name}  ${link}${confirm}${why}`
}

const appLine = (/** @type {KubeObject} */ { metadata, spec, status }) =>
  `${metadata.name} at ${spec.targetPeer}  ${phase(status)}`

/** A host knows its apps by the peer's fingerprint; people know the name. */
function hostedLine(
  /** @type {KubeObject} */ { metadata, status },
  /** @type {readonly KubeObject[]} */ peers,
) {
  const { 'app.kubernetes.io/name': app, 'porpulsion.io/peer': print } = metadata.labels
  const peer = peers.find((one) => one.status?.fingerprint?.startsWith(print))
  return `${app} for ${peer?.metadata.name ?? print}  ${phase(status)}`
}

const phase = (/** @type {any} */ status) => {
  const pods =
    status?.replicas === undefined ? '' : ` ${status.readyReplicas ?? 0}/${status.replicas}`
  const why = status?.message ? `: ${status.message}` : ''
  return `${status?.phase ?? 'new'}${pods}${why}`
}
