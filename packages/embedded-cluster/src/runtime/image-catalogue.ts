/** Which images the process runtime can run, and what it says about all others. */

export type ImageVerdict =
  | { readonly kind: 'sample'; readonly program: 'hello' | 'ticker'; readonly image: ImageName }
  /** Runs nothing by itself: the pod's `command` says what. */
  | { readonly kind: 'command'; readonly image: ImageName }
  | { readonly kind: 'unknown'; readonly message: string }
  | { readonly kind: 'invalid'; readonly message: string }

export interface ImageName {
  /** In full: `docker.io/porpulsion/hello:latest`. */
  readonly reference: string
  readonly tag: string
}

/** Two numbered tags, so that an update from one image to another can be tried. They run the same program. */
const tags = ['latest', '1', '2']

const programs = {
  'docker.io/porpulsion/hello': 'hello',
  'docker.io/porpulsion/ticker': 'ticker',
  'docker.io/porpulsion/command': 'command',
} as const

const referencePattern =
  /^(?<path>[a-z0-9]+([._:-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*?)(:(?<tag>[\w][\w.-]{0,127}))?(@(?<digest>sha256:[0-9a-f]{64}))?$/

export function findImage(written: string): ImageVerdict {
  const { path, tag, digest } = referencePattern.exec(written)?.groups ?? {}
  if (path === undefined) {
    return {
      kind: 'invalid',
      message: `Failed to apply default image tag "${written}": invalid reference format`,
    }
  }
  const repository = inFull(path)
  const image = { reference: `${repository}:${tag ?? 'latest'}`, tag: tag ?? 'latest' }
  const program = isKnown(repository) ? programs[repository] : undefined
  if (program === undefined || digest !== undefined || !tags.includes(image.tag)) {
    return { kind: 'unknown', message: cannotRun(written) }
  }
  return program === 'command' ? { kind: 'command', image } : { kind: 'sample', program, image }
}

/** `nginx` is `docker.io/library/nginx`; the first part is a registry if it looks like a host. */
function inFull(path: string): string {
  const [first = '', ...rest] = path.split('/')
  if (rest.length === 0) return `docker.io/library/${first}`
  if (first === 'index.docker.io') return ['docker.io', ...rest].join('/')
  return /[.:]/.test(first) || first === 'localhost' ? path : `docker.io/${path}`
}

function isKnown(repository: string): repository is keyof typeof programs {
  return Object.hasOwn(programs, repository)
}

function cannotRun(image: string): string {
  return (
    `failed to pull image "${image}": this is an embedded cluster that runs its pods as local processes; it has ` +
    `porpulsion/hello, porpulsion/ticker and porpulsion/command (tags ${tags.join(', ')}). To run other images, install ` +
    `a Kubernetes (k3s, kind, minikube) on this machine and start the agent with --kubeconfig FILE`
  )
}
