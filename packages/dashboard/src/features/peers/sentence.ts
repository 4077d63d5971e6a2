/** With its full stop, so that another can follow: messages of the agent come with and without. */
export const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)
