/** The embedded cluster's acceptance test: the real kubectl takes it for a cluster. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedCluster, startEmbeddedCluster } from '@porpulsion/embedded-cluster'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Kubectl } from './support/kubectl.ts'
import { locateTool } from './support/locate-tool.ts'

const located = locateTool('kubectl')
const suffix = located.kind === 'missing' ? ` (skipped: ${located.reason})` : ''

function manifest(name: string, replicas: number, image = 'porpulsion/hello'): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, labels: {app: ${name}}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      terminationGracePeriodSeconds: 2
      containers: [{name: main, image: ${image}, ports: [{containerPort: 8080}]}]
`
}

function claim(name: string): string {
  return `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
`
}

/** A pod that writes to its claim before it serves what is there. */
function keeper(name: string, claimName: string): string {
  return `
apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  terminationGracePeriodSeconds: 1
  volumes: [{name: data, persistentVolumeClaim: {claimName: ${claimName}}}]
  initContainers:
    - name: setup
      image: porpulsion/hello
      args: [--append, /data/log=started]
      volumeMounts: [{name: data, mountPath: /data}]
  containers:
    - name: main
      image: porpulsion/hello
      volumeMounts: [{name: data, mountPath: /data}]
`
}

describe.skipIf(located.kind === 'missing')(`kubectl${suffix}`, () => {
  let dir: string
  let cluster: EmbeddedCluster
  let kubectl: Kubectl

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'porpulsion-kubectl-'))
    cluster = await startEmbeddedCluster({ name: 'kubectl' })
    const kubeconfig = join(dir, 'kubeconfig')
    await writeFile(kubeconfig, cluster.kubeconfig())
    if (located.kind === 'found') kubectl = new Kubectl(located.path, kubeconfig)
  })
  afterAll(async () => {
    await cluster.stop()
    await rm(dir, { recursive: true, force: true })
  })

  const jsonPath = (name: string, path: string): Promise<string> =>
    kubectl.out(['get', 'deployment', name, '-o', `jsonpath={${path}}`])
  const create = async (name: string, replicas = 1, image?: string): Promise<void> => {
    await kubectl.out('apply -f -', { stdin: manifest(name, replicas, image) })
    await kubectl.out(`rollout status deployment/${name} --timeout=20s`)
  }

  test('api-resources lists what there is, with short names', async () => {
    const out = await kubectl.out('api-resources --no-headers')
    expect(out).toMatch(/^deployments +deploy +apps\/v1 +true +Deployment$/m)
    expect(out).toMatch(/^customresourcedefinitions +crd,crds +apiextensions\.k8s\.io\/v1 +false/m)
  })

  test('create, rollout status, get and describe tell of a deployment that runs', async () => {
    await kubectl.out('create deployment made --image=porpulsion/hello --replicas=2')
    expect(await kubectl.out('rollout status deployment/made --timeout=20s')).toContain(
      'successfully rolled out',
    )
    const row = await kubectl.out('get deployment made --no-headers')
    expect(row).toMatch(/^made +2\/2 +2 +2 +\d+s$/m)
    expect(await kubectl.out('get pods -l app=made --no-headers')).toMatch(
      /^(made-\S+ +1\/1 +Running +0 +\d+s\n){2}$/,
    )
    const description = await kubectl.out('describe deployment made')
    expect(description).toMatch(/Replicas: +2 desired \| 2 updated \| 2 total \| 2 available/)
    expect(description).toContain('ScalingReplicaSet')
    const [pod = ''] = (await kubectl.out('get pods -l app=made -o name')).split('\n')
    expect(await kubectl.out(`describe ${pod}`)).toMatch(/Normal +Started/)
  })

  test('apply changes what changed, and says when nothing did', async () => {
    await create('applied')
    const again = await kubectl.out('apply -f -', { stdin: manifest('applied', 1) })
    expect(again).toBe('deployment.apps/applied unchanged\n')
    const changed = await kubectl.out('apply -f -', { stdin: manifest('applied', 2) })
    expect(changed).toBe('deployment.apps/applied configured\n')
    expect(await jsonPath('applied', '.spec.replicas')).toBe('2')
    const diff = await kubectl.run('diff -f -', { stdin: manifest('applied', 3) })
    expect(diff).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('+  replicas: 3') as string,
    })
  })

  test('apply refuses a field that does not exist, and a value that cannot be', async () => {
    const typo = manifest('typo', 1).replace('replicas', 'replicaz')
    expect(await kubectl.run('apply -f -', { stdin: typo })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('unknown field "spec.replicaz"') as string,
    })
    expect(await kubectl.run('apply -f -', { stdin: manifest('Bad', 1) })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('metadata.name: Invalid value: "Bad"') as string,
    })
  })

  test('apply --server-side names who owns a field, and takes it if forced', async () => {
    const stdin = manifest('ssa', 1)
    await kubectl.out('apply --server-side -f -', { stdin })
    await kubectl.out('scale deployment ssa --replicas=2')
    const refused = await kubectl.run('apply --server-side -f -', { stdin })
    expect(refused.stderr).toContain(
      'conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas',
    )
    await kubectl.out('apply --server-side --force-conflicts -f -', { stdin })
    expect(await jsonPath('ssa', '.spec.replicas')).toBe('1')
  })

  test('patch, in each of its three ways', async () => {
    await create('patched')
    await kubectl.out([
      'patch',
      'deployment',
      'patched',
      '-p',
      '{"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"A","value":"b"}]}]}}}}',
    ])
    await kubectl.out([
      'patch',
      'deployment',
      'patched',
      '--type=merge',
      '-p',
      '{"metadata":{"labels":{"tier":"front"}}}',
    ])
    await kubectl.out([
      'patch',
      'deployment',
      'patched',
      '--type=json',
      '-p',
      '[{"op":"replace","path":"/spec/replicas","value":3}]',
    ])
    expect(await jsonPath('patched', '.spec.template.spec.containers[0].env[0].value')).toBe('b')
    expect(await jsonPath('patched', '.spec.template.spec.containers[0].image')).toBe(
      'porpulsion/hello',
    )
    expect(await jsonPath('patched', '.metadata.labels.tier')).toBe('front')
    expect(await jsonPath('patched', '.spec.replicas')).toBe('3')
  })

  test('edit stores what the editor leaves', async () => {
    await create('edited')
    const env = { KUBE_EDITOR: `sed -i s/replicas:.1/replicas:\\ 2/` }
    expect(await kubectl.out('edit deployment edited', { env })).toContain('edited')
    expect(await jsonPath('edited', '.spec.replicas')).toBe('2')
  })

  test('scale and wait: the pods follow', async () => {
    await create('scaled')
    await kubectl.out('scale deployment scaled --replicas=3')
    await kubectl.out([
      'wait',
      '--for=jsonpath={.status.readyReplicas}=3',
      'deployment/scaled',
      '--timeout=20s',
    ])
    await kubectl.out('wait --for=condition=Available deployment/scaled --timeout=20s')
    await kubectl.out('scale deployment scaled --replicas=0')
    await kubectl.out('wait --for=delete pod -l app=scaled --timeout=20s')
  })

  test('a new image rolls out, and is rolled back', async () => {
    await create('rolling')
    await kubectl.out('set image deployment/rolling main=porpulsion/ticker')
    await kubectl.out('rollout status deployment/rolling --timeout=20s')
    await kubectl.out('rollout undo deployment/rolling')
    await kubectl.out('rollout status deployment/rolling --timeout=20s')
    expect(await jsonPath('rolling', '.spec.template.spec.containers[0].image')).toBe(
      'porpulsion/hello',
    )
  })

  test('logs -f follows what a pod says', async () => {
    await create('talking', 1, 'porpulsion/ticker')
    const lines = await kubectl.firstLines('logs -f deployment/talking', 2)
    expect(lines[0]).toMatch(/^1 .* tick from talking-/)
    expect(lines[1]).toMatch(/^2 /)
    expect(await kubectl.out('logs deployment/talking --tail=1')).toMatch(/^\d+ .* tick/)
  })

  test('get -w shows changes as they happen', async () => {
    await create('watched')
    const lines = await kubectl.firstLines('get deployment watched -w --no-headers', 2, () =>
      kubectl.out('label deployment watched seen=yes'),
    )
    expect(lines.every((line) => line.startsWith('watched'))).toBe(true)
  })

  test('delete takes the pods along', async () => {
    await create('gone')
    await kubectl.out('delete deployment gone --cascade=foreground --timeout=20s')
    expect(await kubectl.run('get deployment gone')).toMatchObject({
      code: 1,
      stderr: 'Error from server (NotFound): deployments.apps "gone" not found\n',
    })
    expect(await kubectl.out('get pods,replicasets -l app=gone -o name')).toBe('')
  })

  test('a namespace goes with all that is in it', async () => {
    await kubectl.out('create namespace shop')
    await kubectl.out('create configmap till -n shop --from-literal=a=b')
    await kubectl.out('create deployment web -n shop --image=porpulsion/hello')
    await kubectl.out('delete namespace shop --timeout=30s')
    expect((await kubectl.run('get configmap till -n shop')).stderr).toContain('NotFound')
  })

  test('a claim is bound, stays while a pod mounts it, and takes its volume along', async () => {
    expect(await kubectl.out('get storageclass --no-headers')).toMatch(
      /^local-directory \(default\) +porpulsion\.io\/directory +Delete +Immediate +true +\d+s$/m,
    )
    await kubectl.out('apply -f -', { stdin: claim('data') })
    await kubectl.out('wait --for=jsonpath={.status.phase}=Bound pvc/data --timeout=20s')
    expect(await kubectl.out('get pvc data --no-headers')).toMatch(
      /^data +Bound +pvc-\S+ +1Gi +RWO +local-directory +<unset> +\d+s$/m,
    )
    expect(await kubectl.out('get pv --no-headers')).toMatch(
      /^pvc-\S+ +1Gi +RWO +Delete +Bound +default\/data +local-directory +<unset> +\d+s$/m,
    )
    await kubectl.out('apply -f -', { stdin: keeper('keeper', 'data') })
    await kubectl.out('wait --for=condition=Ready pod/keeper --timeout=20s')
    expect(await kubectl.out('logs keeper -c setup')).toBe('Added a line to /data/log\n')
    expect(await kubectl.out('describe pvc data')).toMatch(/Used By: +keeper/)
    await kubectl.out('delete pvc data --wait=false')
    expect(await kubectl.out('get pvc data --no-headers')).toMatch(/^data +Terminating /)
    await kubectl.out('delete pod keeper --timeout=20s')
    await kubectl.out('wait --for=delete pvc/data --timeout=20s')
    expect(await kubectl.out('get pv -o name')).toBe('')
  })

  test('a claim that cannot be bound says why, and so does the pod that waits for it', async () => {
    const stdin = claim('odd').replace('spec:', 'spec:\n  storageClassName: fast')
    await kubectl.out('apply -f -', { stdin })
    await kubectl.out('apply -f -', { stdin: keeper('patient', 'odd') })
    await kubectl.out(
      'wait --for=jsonpath={.status.conditions[0].reason}=Unschedulable pod/patient --timeout=20s',
    )
    expect(await kubectl.out('describe pvc odd')).toContain(
      'storageclass.storage.k8s.io "fast" not found (there are: local-directory)',
    )
    expect(await kubectl.out('describe pod patient')).toContain(
      'pod has unbound immediate PersistentVolumeClaims',
    )
    const changed = claim('odd').replace('spec:', 'spec:\n  storageClassName: local-directory')
    expect((await kubectl.run('apply -f -', { stdin: changed })).stderr).toContain(
      'spec is immutable after creation',
    )
    await kubectl.out('delete pod/patient pvc/odd --timeout=20s')
  })

  test('a pod whose init container fails shows it', async () => {
    const stdin = keeper('failing', 'none').replace('--append', '--nope')
    const alone = stdin.replace('persistentVolumeClaim: {claimName: none}', 'emptyDir: {}')
    await kubectl.out('apply -f -', { stdin: alone })
    const lines = await kubectl.firstLines('get pod failing -w --no-headers', 3)
    expect(lines.join('\n')).toMatch(/^failing +0\/1 +Init:(0\/1|Error|CrashLoopBackOff) +\d+ /m)
    await kubectl.out('wait --for=condition=Initialized=False pod/failing --timeout=20s')
    expect(await kubectl.out('logs failing -c setup')).toContain("Unknown option '--nope'")
    await kubectl.out('delete pod failing --timeout=20s')
  })

  test('a quota holds a deployment back, and says what is used', async () => {
    await kubectl.out('create namespace small')
    await kubectl.out('create quota tight -n small --hard=pods=1,configmaps=5')
    await kubectl.out('create deployment web -n small --image=porpulsion/hello --replicas=2')
    const failed = '--for=jsonpath={.status.conditions[0].type}=ReplicaFailure'
    await kubectl.out(['wait', failed, 'rs', '-l', 'app=web', '-n', 'small', '--timeout=20s'])
    expect(await kubectl.out('describe rs -n small -l app=web')).toContain(
      'exceeded quota: tight, requested: pods=1, used: pods=1, limited: pods=1',
    )
    expect(await kubectl.out('describe quota tight -n small')).toMatch(/^pods +1 +1$/m)
    expect(await kubectl.out('get quota -n small --no-headers')).toMatch(
      /^tight +\d+s +configmaps: 0\/5, pods: 1\/1 *$/m,
    )
    await kubectl.out('delete namespace small --timeout=20s')
  })

  test('auth can-i answers for oneself and for a service account', async () => {
    expect(await kubectl.out(['auth', 'can-i', '*', '*'])).toBe('yes\n')
    await kubectl.out('create serviceaccount robot')
    await kubectl.out('create role reader --verb=get,list --resource=pods')
    await kubectl.out('create rolebinding robot-reads --role=reader --serviceaccount=default:robot')
    const as = '--as=system:serviceaccount:default:robot'
    expect(await kubectl.out(`auth can-i list pods ${as}`)).toBe('yes\n')
    expect(await kubectl.run(`auth can-i delete pods ${as}`)).toMatchObject({
      code: 1,
      stdout: 'no\n',
    })
    const token = (await kubectl.out('create token robot')).trim()
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } }
    const answer = await kubectl.out('create -f - -o jsonpath={.status.user.username}', {
      stdin: JSON.stringify(review),
    })
    expect(answer).toBe('system:serviceaccount:default:robot')
  })

  test('a custom resource is applied, shown with its columns and scaled', async () => {
    const crds = join(import.meta.dirname, '../charts/porpulsion/files/crds')
    await kubectl.out(`apply -f ${crds}`)
    await kubectl.out('wait --for=condition=Established crd/remoteapps.porpulsion.io --timeout=10s')
    const app = {
      apiVersion: 'porpulsion.io/v1alpha1',
      kind: 'RemoteApp',
      metadata: { name: 'web' },
      spec: { targetPeer: 'b', image: 'porpulsion/hello', replicas: 2 },
    }
    await kubectl.out('apply -f -', { stdin: JSON.stringify(app) })
    await kubectl.out('scale remoteapp web --replicas=4')
    expect(await kubectl.out(['get', 'ra', 'web', '-o', 'jsonpath={.spec.replicas}'])).toBe('4')
    expect(await kubectl.out('get ra --no-headers')).toMatch(/^web .*porpulsion\/hello/)
    const moved = { ...app, spec: { ...app.spec, targetPeer: 'c' } }
    expect(await kubectl.run('apply -f -', { stdin: JSON.stringify(moved) })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('targetPeer is immutable') as string,
    })
  })
})
