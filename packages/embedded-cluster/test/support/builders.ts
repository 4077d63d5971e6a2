/** Objects for tests: only what matters to a case has to be said. */
import type { Deployment, DeploymentSpec } from 'kubernetes-types/apps/v1.js'
import type { Container, Pod, PodSpec } from 'kubernetes-types/core/v1.js'

export const namespace = 'default'

export function inDefault(name: string): { namespace: string; name: string } {
  return { namespace, name }
}

function aContainer(over: Partial<Container> = {}): Container {
  return { name: 'app', image: 'porpulsion/hello', ports: [{ containerPort: 8080 }], ...over }
}

export function aPod(
  name: string,
  container: Partial<Container> = {},
  spec: Partial<PodSpec> = {},
): Pod {
  return {
    metadata: { name, namespace, labels: { app: name } },
    spec: { containers: [aContainer(container)], terminationGracePeriodSeconds: 5, ...spec },
  }
}

export function aDeployment(
  name: string,
  spec: Partial<DeploymentSpec> = {},
  container: Partial<Container> = {},
): Deployment {
  return {
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [aContainer(container)], terminationGracePeriodSeconds: 5 },
      },
      ...spec,
    },
  }
}
