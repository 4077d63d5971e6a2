/** Long enough that guessing at the pace we allow is hopeless; bounded, because hashing costs us. */
export const passwordLength = { min: 12, max: 128 } as const
