import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import { WorkloadsPage } from '../features/apps/workloads-page.tsx'
import { NotificationsPage } from '../features/notifications/notifications-page.tsx'
import { PeersPage } from '../features/peers/peers-page.tsx'
import { BrokenPage, NoSuchPage } from './no-page.tsx'
import { Shell } from './shell.tsx'

const root = createRootRoute({ component: Shell })

const index = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    // The router's way to go elsewhere is to throw.
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw redirect({ to: '/peers' })
  },
})
const peers = createRoute({ getParentRoute: () => root, path: '/peers', component: PeersPage })
const workloads = createRoute({
  getParentRoute: () => root,
  path: '/workloads',
  component: WorkloadsPage,
})
const deploy = createRoute({
  getParentRoute: () => root,
  path: '/deploy',
  // The form and the YAML parser come when they are needed.
  component: lazyRouteComponent(() => import('../features/deploy/deploy-page.tsx'), 'DeployPage'),
})
const approvals = createRoute({
  getParentRoute: () => root,
  path: '/approvals',
  // For YAML, too.
  component: lazyRouteComponent(
    () => import('../features/approvals/approvals-page.tsx'),
    'ApprovalsPage',
  ),
})
const notifications = createRoute({
  getParentRoute: () => root,
  path: '/notifications',
  component: NotificationsPage,
})
const app = createRoute({
  getParentRoute: () => root,
  path: '/workloads/$namespace/$name',
  component: lazyRouteComponent(() => import('../features/apps/app-route.tsx'), 'AppRoute'),
})

export const router = createRouter({
  routeTree: root.addChildren([index, peers, workloads, deploy, approvals, notifications, app]),
  defaultPreload: 'intent',
  defaultNotFoundComponent: NoSuchPage,
  defaultErrorComponent: BrokenPage,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
