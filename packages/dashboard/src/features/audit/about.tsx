import { Anchor, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { visibleText } from '../../ui/visible-text.ts'
import { aboutLink } from './about-link.ts'

/** What it was done to, with the way there. */
export function About({ about }: { about: string }) {
  const text = visibleText(about)
  const link = aboutLink(about)
  if (link === undefined)
    return (
      <Text span inherit>
        {text}
      </Text>
    )
  return (
    <Anchor inherit renderRoot={(props) => <Target link={link} {...props} />}>
      {text}
    </Anchor>
  )
}

type TargetProps = { link: NonNullable<ReturnType<typeof aboutLink>> } & Readonly<
  Record<string, unknown>
>

function Target({ link, ...props }: TargetProps) {
  switch (link.kind) {
    case 'app':
    case 'hosted': {
      const { namespace, name } = link
      const to = link.kind === 'app' ? '/workloads/$namespace/$name' : '/hosted/$namespace/$name'
      return <Link to={to} params={{ namespace, name }} {...props} />
    }
    case 'peer':
      return <Link to="/peers/$name" params={{ name: link.name }} {...props} />
    case 'executing':
      return <Link to="/workloads" search={{ view: 'executing', q: link.name }} {...props} />
    case 'approval':
      return <Link to="/approvals" search={{ id: link.id }} {...props} />
    case 'access':
      return <Link to="/access" search={{ tab: link.tab }} {...props} />
    case 'page':
      return <Link to={link.to} {...props} />
    default:
      return link satisfies never
  }
}
