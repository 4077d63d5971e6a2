/** Messages come from containers and controllers; a status is no place for a whole log. */
const MAX_MESSAGE = 1_024

export const shortMessage = (text: string): string =>
  text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE - 1)}…` : text
