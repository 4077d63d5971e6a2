import { useParams } from '@tanstack/react-router'
import { AppPage } from './app-page.tsx'

export function AppRoute() {
  const { namespace, name } = useParams({ from: '/workloads/$namespace/$name' })
  return <AppPage key={`${namespace}/${name}`} namespace={namespace} name={name} />
}
