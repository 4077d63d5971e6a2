import { Button, Tooltip } from '@mantine/core'
import { Link2Icon, PlusIcon } from '@radix-ui/react-icons'
import { Link } from '@tanstack/react-router'
import { useMay } from '../../api/use-may.ts'

/** Both ways to a new peer. */
export function AddPeerButtons() {
  const mayAdd = useMay('admin')
  if (!mayAdd)
    return (
      <Tooltip label="Peers are added by admins. Your role is shown in the menu at the top right.">
        <Button data-disabled aria-disabled onClick={(event) => event.preventDefault()}>
          Invite a peer
        </Button>
      </Tooltip>
    )
  return (
    <>
      <Button
        variant="default"
        leftSection={<Link2Icon />}
        renderRoot={(props) => <Link to="/peers" search={{ add: 'connect' }} {...props} />}
      >
        Connect with an invite
      </Button>
      <Button
        leftSection={<PlusIcon />}
        renderRoot={(props) => <Link to="/peers" search={{ add: 'invite' }} {...props} />}
      >
        Invite a peer
      </Button>
    </>
  )
}
