/** How a thing is, for the eye; every place that uses it says the same in words. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'idle' | 'ask'

export const toneColor = (tone: Tone): string => `var(--tone-${tone})`
