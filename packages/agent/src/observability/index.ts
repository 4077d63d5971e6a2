/**
 * What every feature is given to be seen by: a logger, metrics, a clock, chance, and a home for background work.
 * Knows no feature.
 */
export { atMostEvery } from './at-most-every.ts'
export { systemClock, type Clock } from './clock.ts'
export { createLogger, type Logger, type LogLevel } from './logger.ts'
export { createMetrics, type Metrics } from './metrics.ts'
export { sleep } from './sleep.ts'
export { backoffMs, systemRandom, type BackoffOptions, type Random } from './random.ts'
export { createTasks, type Tasks } from './tasks.ts'
