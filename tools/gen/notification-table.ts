import { notificationReasons } from '../../packages/contract/src/index.ts'

/** docs/notifications.md: every reason, from the registry. */
export function notificationTable(): string {
  const rows = Object.entries(notificationReasons).map(
    ([reason, meaning]) =>
      `| \`${reason}\` | ${meaning.means} | ${'lasts' in meaning ? 'until it is over' : 'each time'} | ${meaning.todo} |`,
  )
  return `<!-- Generated from packages/contract by \`npm run gen\`. -->

# Notifications

What needs somebody's attention is kept until somebody has acknowledged it: on the page, with
\`porpulsion notification list\` and \`porpulsion notification acknowledge\`, and over the REST API. They survive restarts; the
last 500 are kept, those nobody has seen longest.

What happens **each time** is counted on the notification that is there as long as nobody has seen it. What lasts is told once
**until it is over**; then it is marked as seen by itself, and says since when (\`resolvedAt\`).

| reason | what happened | told | what to do |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}
