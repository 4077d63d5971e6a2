/** Defaults of a pod's spec, alone or as a template. */
import { ensureObject, objectsAt, setDefault, stringAt } from '../fields.ts'
import { isObject, type JsonObject } from '../json.ts'

export function defaultPodSpec(spec: JsonObject): void {
  setDefault(spec, 'restartPolicy', 'Always')
  setDefault(spec, 'terminationGracePeriodSeconds', 30)
  setDefault(spec, 'dnsPolicy', 'ClusterFirst')
  setDefault(spec, 'schedulerName', 'default-scheduler')
  setDefault(spec, 'securityContext', {})
  // Two names of one field, the older kept in step.
  const account = stringAt(spec, 'serviceAccountName') ?? stringAt(spec, 'serviceAccount')
  if (account !== undefined && account !== '') {
    spec['serviceAccountName'] = account
    spec['serviceAccount'] = account
  }
  for (const container of objectsAt(spec, 'containers')) defaultContainer(container)
  for (const container of objectsAt(spec, 'initContainers')) defaultContainer(container)
  for (const volume of objectsAt(spec, 'volumes')) defaultVolume(volume)
}

function defaultContainer(container: JsonObject): void {
  setDefault(container, 'terminationMessagePath', '/dev/termination-log')
  setDefault(container, 'terminationMessagePolicy', 'File')
  setDefault(container, 'imagePullPolicy', pullPolicy(stringAt(container, 'image') ?? ''))
  setDefault(container, 'resources', {})
  for (const port of objectsAt(container, 'ports')) setDefault(port, 'protocol', 'TCP')
  for (const variable of objectsAt(container, 'env')) {
    const source = variable['valueFrom']
    if (isObject(source) && isObject(source['fieldRef'])) {
      setDefault(source['fieldRef'], 'apiVersion', 'v1')
    }
  }
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (isObject(container[probe])) defaultProbe(container[probe])
  }
}

/** `latest` may change under its name, so it is looked up each time. */
function pullPolicy(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1)
  if (name.includes('@')) return 'IfNotPresent'
  const tag = name.includes(':') ? name.slice(name.indexOf(':') + 1) : 'latest'
  return tag === 'latest' ? 'Always' : 'IfNotPresent'
}

function defaultProbe(probe: JsonObject): void {
  setDefault(probe, 'timeoutSeconds', 1)
  setDefault(probe, 'periodSeconds', 10)
  setDefault(probe, 'successThreshold', 1)
  setDefault(probe, 'failureThreshold', 3)
  const get = probe['httpGet']
  if (isObject(get)) {
    setDefault(get, 'path', '/')
    setDefault(get, 'scheme', 'HTTP')
  }
  if (isObject(probe['grpc'])) setDefault(probe['grpc'], 'service', '')
}

const modedSources = ['secret', 'configMap', 'projected', 'downwardAPI']

function defaultVolume(volume: JsonObject): void {
  if (Object.keys(volume).every((key) => key === 'name')) ensureObject(volume, 'emptyDir')
  for (const name of modedSources) {
    const source = volume[name]
    if (isObject(source)) setDefault(source, 'defaultMode', 0o644)
  }
  if (isObject(volume['hostPath'])) setDefault(volume['hostPath'], 'type', '')
}
