/** Commands in the pods of an app. */
import { Type, type Static } from 'typebox'

const Cells = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description }))

export const ExecQuery = Type.Object({
  command: Type.Array(Type.String({ maxLength: 8_192 }), {
    minItems: 1,
    maxItems: 256,
    description: 'A word of the command; repeated for each. No shell reads it.',
  }),
  pod: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 253,
      description: 'One of the app’s pods; the first ready one if left out.',
    }),
  ),
  container: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 63,
      description: 'A container of it; the first one if left out.',
    }),
  ),
  tty: Type.Optional(
    Type.Boolean({ description: 'Run it in a terminal; stdout and stderr become one.' }),
  ),
  stdin: Type.Optional(
    Type.Boolean({ description: 'Give it input; without, it reads end of file.' }),
  ),
  columns: Cells('Width of the terminal at first.'),
  rows: Cells('Height of the terminal at first.'),
  refusals: Type.Optional(
    Type.Enum(['inside'], {
      description:
        'Tell why a command was not started by a status inside the WebSocket, as browsers show nothing of one that is refused.',
    }),
  ),
})
export type ExecQuery = Static<typeof ExecQuery>
