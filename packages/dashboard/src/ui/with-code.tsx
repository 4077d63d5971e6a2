import { Code } from '@mantine/core'

/** A sentence of ours in which what stands between backticks is to be typed, or read, as it is. */
export function WithCode({ text }: { text: string }) {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? part : <Code key={part}>{part}</Code>))
}
