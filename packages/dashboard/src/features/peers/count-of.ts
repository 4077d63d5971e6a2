/** `no apps`, `1 app`, `3 apps`. */
export const countOf = (count: number, noun: string): string =>
  `${count === 0 ? 'no' : count} ${noun}${count === 1 ? '' : 's'}`
