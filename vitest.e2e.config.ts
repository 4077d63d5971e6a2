import { defineConfig } from 'vitest/config'

/** Real processes, one file at a time: they measure, kill and restart what they start. */
export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    pool: 'forks',
  },
})
