import { Page } from '../../ui/page.tsx'

export function AccessPage() {
  return <Page title="Access">{null}</Page>
}
