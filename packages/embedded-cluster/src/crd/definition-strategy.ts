import type { Strategy } from '../registry/resource.ts'

export const definitionStrategy: Strategy = {}
