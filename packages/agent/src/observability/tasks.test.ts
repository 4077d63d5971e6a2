import { expect, test, vi } from 'vitest'
import { createLogger } from './logger.ts'
import { createTasks } from './tasks.ts'

test('stop aborts what runs and waits until it has ended', async () => {
  const tasks = createTasks(createLogger({ level: 'silent', agent: 'a' }))
  let ended = false
  tasks.run('watch', async (signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    ended = true
  })
  await tasks.stop()
  expect(ended).toBe(true)
})

test('a failure is logged with the name of the task and ends nothing else', async () => {
  const logger = createLogger({ level: 'silent', agent: 'a' })
  const error = vi.spyOn(logger, 'error')
  const tasks = createTasks(logger)
  const failure = new Error('boom')
  const failed = Promise.reject(failure)
  tasks.run('redial', () => failed)
  await expect(failed).rejects.toBe(failure)
  await tasks.stop()
  expect(error).toHaveBeenCalledWith({ err: failure, task: 'redial' }, 'Background task failed')
})
