import type { User } from '@porpulsion/contract'
import { age } from '../../output/age.ts'
import { facts } from '../../output/table.ts'
import type { ListView } from '../../output/format.ts'

/** How a user is shown, alone and in a list. */
export const userListView = (nowMs: number): ListView<User> => ({
  columns: [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'ROLE', value: ({ role }) => role },
    { title: 'STATE', value: stateOf },
    { title: 'PASSWORD', value: ({ hasPassword }) => (hasPassword ? 'set' : 'none') },
    { title: 'AGE', value: ({ createdAt }) => age(createdAt, nowMs) },
  ],
  nameOf,
  whenEmpty: 'No users.',
})

export const userView = {
  nameOf,
  describe: (user: User): readonly string[] =>
    facts([
      ['Name', user.name],
      ['Role', user.role],
      ['State', stateOf(user)],
      ['Password', user.hasPassword ? 'set' : 'none'],
    ]),
}

function nameOf({ name }: Pick<User, 'name'>): string {
  return `user/${name}`
}

function stateOf({ disabled, hasSignedIn }: User): string {
  if (disabled) return 'disabled'
  return hasSignedIn ? 'active' : 'never signed in'
}
