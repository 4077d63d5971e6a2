import { Page } from '../../ui/page.tsx'

export function HostedAppPage() {
  return <Page title="Hosted app">{null}</Page>
}
