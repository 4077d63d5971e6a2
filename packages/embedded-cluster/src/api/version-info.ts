/** The Kubernetes version whose API this is: that of the types it is generated from. */
const kubernetesVersion = 'v1.30.0+porpulsion'

export function versionInfo(): object {
  return {
    major: '1',
    minor: '30',
    gitVersion: kubernetesVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '2024-04-17T00:00:00Z',
    goVersion: '',
    compiler: 'node',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  }
}
