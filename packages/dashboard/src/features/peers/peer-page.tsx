import { Page } from '../../ui/page.tsx'

export function PeerPage() {
  return <Page title="Peer">{null}</Page>
}
