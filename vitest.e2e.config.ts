import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

/** These measure time or memory: nothing else runs beside them. */
const measuring = ['demo', 'load', 'dashboard-speed'].map((name) => `e2e/${name}.test.ts`)

/** Real processes, which mostly wait for each other: a file on each core, then one by one those that measure. */
export default defineConfig({
  test: {
    projects: [
      project('stories', 0, {
        include: ['e2e/**/*.test.ts'],
        exclude: measuring,
        maxWorkers: '100%',
      }),
      project('measuring', 1, { include: measuring, maxWorkers: 1 }),
    ],
  },
})

function project(
  name: string,
  groupOrder: number,
  files: NonNullable<TestProjectInlineConfiguration['test']>,
): TestProjectInlineConfiguration {
  const timeouts = { testTimeout: 180_000, hookTimeout: 180_000 }
  return { test: { name, pool: 'forks', sequence: { groupOrder }, ...timeouts, ...files } }
}
