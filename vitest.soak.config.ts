import { defineConfig } from 'vitest/config'

/** `make soak`: what takes minutes, or measures by the clock. One after the other, and nothing beside it. */
export default defineConfig({
  test: {
    include: ['e2e/soak/**/*.soak.ts'],
    testTimeout: 20 * 60_000,
    hookTimeout: 300_000,
    pool: 'forks',
    fileParallelism: false,
  },
})
