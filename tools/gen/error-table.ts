import {
  errorCodes,
  errorKindMeanings,
  retiredErrorCodes,
} from '../../packages/contract/src/index.ts'

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`

/** docs/errors.md: every kind and every code, from the registries. */
export function errorTable(): string {
  const kinds = Object.entries(errorKindMeanings).map(([kind, meaning]) =>
    row([
      kind,
      meaning.means,
      meaning.http,
      meaning.exit,
      meaning.wire,
      meaning.retry,
      meaning.log,
    ]),
  )
  const codes = Object.entries(errorCodes).map(([code, { kind, means }]) =>
    row([`<a id="${code.toLowerCase()}"></a>\`${code}\``, kind, means]),
  )
  return `<!-- Generated from packages/contract by \`npm run gen\`. -->

# Errors

Every error has a **kind**, which says what you can do, and a **code**, which says what happened. The code is the same
word everywhere: in a REST problem document, as the reason of a condition or event, and in the output of the CLI.

## Kinds

| kind | means | HTTP | CLI exit code | on the channel | retry | logged as |
| --- | --- | --- | --- | --- | --- | --- |
${kinds.join('\n')}

## Codes

| code | kind | what happened, and what to do |
| --- | --- | --- |
${codes.join('\n')}
${retiredErrorCodes.length > 0 ? `\nRetired, never to be used again: ${retiredErrorCodes.join(', ')}.\n` : ''}`
}
