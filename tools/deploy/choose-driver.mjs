// @ts-check
/** Which kind of clusters: what was asked for, else what is here already, else Docker Compose. */
import { isAbsolute } from 'node:path'
import { Refusal } from './refusal.mjs'

/**
 * `testbed` is a folder of scripts that start real clusters: start.sh NAME INDEX, stop.sh NAME [--delete],
 * load-image.sh IMAGE NAME…, env.sh, and NAME/kubeconfig once one runs.
 *
 * @typedef {{ readonly kind: 'compose' }
 *   | { readonly kind: 'testbed', readonly folder: string, readonly prefix: string, readonly firstIndex: number }
 * } DriverChoice
 */

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {DriverChoice | undefined} remembered of the clusters that are here
 * @returns {DriverChoice}
 */
export function chooseDriver(env, remembered) {
  if (env['DRIVER'] === undefined && remembered !== undefined) return remembered
  const wanted = asked(env)
  if (remembered !== undefined && !isSame(wanted, remembered)) {
    throw new Refusal(
      `The clusters here were made with ${described(remembered)}, not with ${described(wanted)}. ` +
        'Leave DRIVER out to go on with them, or remove them first: make teardown',
    )
  }
  return wanted
}

/** @returns {DriverChoice} */
function asked(/** @type {NodeJS.ProcessEnv} */ env) {
  switch (env['DRIVER'] ?? 'compose') {
    case 'compose':
      return { kind: 'compose' }
    case 'testbed':
      return testbed(env)
    default:
      throw new Refusal(`There is no driver "${env['DRIVER']}": DRIVER is compose or testbed`)
  }
}

/** @returns {DriverChoice} */
function testbed(/** @type {NodeJS.ProcessEnv} */ env) {
  const { RK: folder = '', RK_PREFIX: prefix = 'try', RK_FIRST_INDEX: first = '1' } = env
  if (!isAbsolute(folder)) {
    throw new Refusal(
      'DRIVER=testbed needs RK: the absolute path of the folder with start.sh, stop.sh, load-image.sh and env.sh',
    )
  }
  if (!/^[a-z][a-z0-9]{0,4}$/.test(prefix)) {
    throw new Refusal(`RK_PREFIX="${prefix}" is no start of a name: at most 5 letters and digits`)
  }
  if (!/^[0-7]$/.test(first)) {
    throw new Refusal(`RK_FIRST_INDEX="${first}" is not one of 0 to 7: each cluster takes one`)
  }
  return { kind: 'testbed', folder, prefix, firstIndex: Number(first) }
}

function isSame(/** @type {DriverChoice} */ one, /** @type {DriverChoice} */ other) {
  return described(one) === described(other)
}

function described(/** @type {DriverChoice} */ choice) {
  if (choice.kind === 'compose') return 'Docker Compose'
  const { folder, prefix, firstIndex } = choice
  return `DRIVER=testbed RK=${folder} RK_PREFIX=${prefix} RK_FIRST_INDEX=${firstIndex}`
}
