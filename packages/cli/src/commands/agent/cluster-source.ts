import { access, constants } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ClusterSource } from '@porpulsion/agent'
import { usageError } from '../../input/values.ts'
import type { Io } from '../../io.ts'

export interface ClusterFlags {
  readonly inCluster?: boolean
  readonly kubeconfig?: string
  readonly kubeContext?: string
}

export async function clusterSource(
  { cwd }: Io,
  { kubeconfig, kubeContext }: ClusterFlags,
): Promise<ClusterSource> {
  if (kubeconfig === undefined) return { kind: 'in-cluster' }
  const file = resolve(cwd, kubeconfig)
  await access(file, constants.R_OK).catch(() => {
    throw usageError(`--kubeconfig ${kubeconfig} cannot be read; is the path right?`)
  })
  return { kind: 'kubeconfig', file, ...(kubeContext !== undefined && { context: kubeContext }) }
}
