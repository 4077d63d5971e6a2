import { defineConfig } from 'vitest/config'

/** `make e2e-api KUBECONFIG=…`: what talks to an API server, against that one. `npm test` runs it on embedded ones. */
export default defineConfig({
  test: {
    include: [
      'packages/kube/test/real-api-server.test.ts',
      'packages/agent/src/**/kube-{app-kinds,document-store,peer-namespaces,peers,retire}.test.ts',
      'packages/agent/src/agent.test.ts',
      'packages/agent/test/workloads/examples.test.ts',
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    pool: 'forks',
  },
})
