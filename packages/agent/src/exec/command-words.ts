const maxCharacters = 64

/**
 * What records say of a command: its program, and nothing after. Arguments may be passwords; so may be what follows a
 * blank, where somebody sent a whole line as one word.
 */
export const firstWord = ([first = '']: readonly string[]): string =>
  (first.split(/[\s=]/, 1)[0] ?? '').slice(0, maxCharacters)
