import { expect, test } from 'vitest'
import { createMetrics } from '../observability/index.ts'
import { createLinkMetrics } from './link-metrics.ts'

test('links are counted by state, a state without links as none', async () => {
  const metrics = createMetrics({ processMetrics: false })
  createLinkMetrics(metrics).links(['Connected', 'Connected', 'Suspect'])
  const text = await metrics.render()
  expect(text).toContain('porpulsion_links{state="Connected"} 2')
  expect(text).toContain('porpulsion_links{state="Disconnected"} 0')
})
