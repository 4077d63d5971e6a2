/** What a terminal runs. */
export const shells = [
  { value: 'automatic', label: 'bash, else sh' },
  { value: 'sh', label: 'sh' },
  { value: 'bash', label: 'bash' },
  { value: 'other', label: 'Another command' },
] as const
export type Shell = (typeof shells)[number]['value']

/** Its words; none while the other command is empty. It is cut at spaces, as no shell reads it. */
export function wordsOf(shell: Shell, other: string): string[] {
  switch (shell) {
    case 'automatic':
      return ['sh', '-c', 'command -v bash >/dev/null 2>&1 && exec bash || exec sh']
    case 'sh':
    case 'bash':
      return [shell]
    case 'other':
      return other.split(/\s+/).filter((word) => word !== '')
    default:
      return shell satisfies never
  }
}
