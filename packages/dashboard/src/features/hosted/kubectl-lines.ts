/** What an owner runs to look at an app of a peer in their own cluster. */
import { Label, type ExecutingApp } from '@porpulsion/contract'
import { quoted } from '../../api/curl.ts'

export interface KubectlLine {
  readonly what: string
  readonly command: string
}

export function kubectlLines({ metadata, spec, status }: ExecutingApp): readonly KubectlLine[] {
  const inNamespace = `-n ${quoted(metadata.namespace ?? 'default')}`
  const deployment = quoted(status?.resourceName ?? metadata.name)
  const selector = quoted(`${Label.App}=${spec.submitter.uid}`)
  return [
    {
      what: 'All of it',
      command: `kubectl get deploy,svc,cm,secret,pvc,pods ${inNamespace} -l ${selector}`,
    },
    { what: 'Its Deployment', command: `kubectl describe deployment ${deployment} ${inNamespace}` },
    { what: 'Its pods', command: `kubectl get pods ${inNamespace} -l ${selector} -o wide` },
    {
      what: 'Its logs',
      command: `kubectl logs deployment/${deployment} ${inNamespace} --all-pods --prefix`,
    },
    {
      what: 'Its record',
      command: `kubectl get executingapp ${quoted(metadata.name)} ${inNamespace} -o yaml`,
    },
  ]
}
