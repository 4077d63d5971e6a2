// @ts-check
/** What to open and what to type, once it runs. */

/**
 * @param {readonly import('./cluster.mjs').Cluster[]} clusters
 * @param {{ readonly arePeers: boolean, readonly shown: (file: string) => string }} options
 */
export async function nextSteps(clusters, { arePeers, shown }) {
  const pages = await Promise.all(clusters.map(pageOf))
  const [{ kubeconfig = '' } = {}] = clusters
  const kubectl = `kubectl --kubeconfig ${shown(kubeconfig)} --namespace porpulsion`
  return [
    '',
    'Pages (each link signs in once):',
    ...pages.map((page) => `  ${page}`),
    '',
    ...(arePeers ? usePeers(kubectl) : howToPeer(kubectl)),
    '',
    'make status shows what runs · make logs follows the agents · make redeploy brings a change of yours in',
    'make teardown removes it all',
  ].join('\n')
}

const howToPeer = (/** @type {string} */ kubectl) => [
  'Peer two of them: on the page of a, Peers → create an invite; on the page of b, Peers → add it; compare the six words,',
  'confirm on both. Or let `make deploy PEER=1` peer all three and run an app. Then:',
  `  ${kubectl} apply -f examples/remoteapp.yaml`,
  `  ${kubectl} get peers,remoteapps`,
]

const usePeers = (/** @type {string} */ kubectl) => [
  'All three are peers, and "hello" of a runs at b. More of it:',
  `  ${kubectl} apply -f examples/remoteapp.yaml`,
  `  ${kubectl} get peers,remoteapps`,
]

async function pageOf(/** @type {import('./cluster.mjs').Cluster} */ { name, pagePort, get }) {
  const own = `http://localhost:${pagePort}`
  const { items } = await get(['secrets', '--field-selector', 'metadata.name=porpulsion-admin'])
  const link = items[0]?.data?.['login-url']
  if (link === undefined) return `${name}  ${own}   (somebody signed in with the link already)`
  return `${name}  ${throughPort(Buffer.from(link, 'base64').toString(), own)}`
}

/** The agent knows itself by another address than the one published here. */
export function throughPort(/** @type {string} */ link, /** @type {string} */ origin) {
  const { pathname, search } = new URL(link)
  return `${origin}${pathname}${search}`
}
