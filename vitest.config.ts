import { defineConfig } from 'vitest/config'

/** `npm test`: everything offline and in process. Whole processes and browsers are `vitest.e2e.config.ts`. */
export default defineConfig({
  test: {
    include: ['packages/*/{src,test}/**/*.test.ts', 'tools/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    pool: 'forks',
    // Each core; left alone, one of two would idle.
    maxWorkers: '100%',
    coverage: { reportsDirectory: 'coverage', include: ['packages/*/src/**'] },
  },
})
