import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './apps.module.css'

export interface Fact {
  readonly name: string
  /** Left out with its name when there is none. */
  readonly value: ReactNode
}

/** Names and values in two columns. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className={classes['facts']}>
      {facts
        .filter(({ value }) => value !== undefined && value !== false && value !== '')
        .map(({ name, value }) => (
          <div key={name} className={classes['fact']}>
            <Text component="dt" size="sm" c="dimmed">
              {name}
            </Text>
            <Text component="dd" size="sm" m={0} miw={0} className="foreign">
              {value}
            </Text>
          </div>
        ))}
    </dl>
  )
}
