import { isObject } from './settings.ts'

/** Dotted paths at which two documents differ, never their values: lists and single values are told as a whole. */
export function changedPaths(before: unknown, after: unknown, path = ''): readonly string[] {
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)])
    return [...keys].flatMap((key) =>
      changedPaths(before[key], after[key], path === '' ? key : `${path}.${key}`),
    )
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path]
}
