// @ts-check
/**
 * What differs between kinds of clusters. Everything else is shared, so that whoever has seen it work with one kind has
 * seen most of the other.
 */
import { composeDriver } from './compose-driver.mjs'
import { testbedDriver } from './testbed-driver.mjs'

/**
 * @typedef {object} Driver
 * @property {string} clusters what it makes, for people
 * @property {() => Promise<void>} check throws a Refusal that says what is missing
 * @property {() => Promise<void>} start all clusters, or goes on with those that are here
 * @property {(name: string) => Promise<string>} kubeconfig of a running cluster, for this machine
 * @property {(name: string) => Promise<string>} address under which pods of the other clusters reach its node ports
 * @property {() => Promise<void>} openPages brings `pagePort` of this machine to each cluster's node port
 * @property {(args: readonly string[]) => Promise<string>} engine runs docker or podman
 * @property {(image: string) => Promise<void>} load brings an image to where all clusters find it
 * @property {() => Promise<void>} remove everything it made
 * @property {(images: readonly string[]) => Promise<void>} forgetImages that nothing needs any more
 */

/**
 * @typedef {object} DriverDeps
 * @property {import('./command-runner.mjs').Run} run
 * @property {string} dir for what it has to remember
 */

/**
 * @param {import('./choose-driver.mjs').DriverChoice} choice
 * @param {DriverDeps} deps
 * @returns {Driver}
 */
export function createDriver(choice, deps) {
  return choice.kind === 'compose' ? composeDriver(deps) : testbedDriver(choice, deps)
}
