import { isPorpulsionError } from '@porpulsion/contract'

/** Absence as a value: what is waited for may not be there yet, or be what is waited for. */
export async function unlessNotFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (isPorpulsionError(error) && error.kind === 'NotFound') return undefined
    throw error
  }
}
