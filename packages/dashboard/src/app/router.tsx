import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router'
import type { Live } from '../api/live.ts'
import { OverviewPage } from '../features/overview/overview-page.tsx'
import { BrokenPage, NoSuchPage } from './no-page.tsx'
import { texts, words } from './search.ts'
import { Shell } from './shell.tsx'

// Every page comes when it is needed, but for the one that most visits begin with: it comes with the frame around them.

interface Context {
  readonly live: Live
}

const root = createRootRouteWithContext<Context>()({
  component: function Root() {
    return <Shell live={root.useRouteContext().live} />
  },
})

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: OverviewPage,
})
const peers = createRoute({
  getParentRoute: () => root,
  path: '/peers',
  // Each opens a dialog: to add one, or about the peer named.
  validateSearch: (params) => ({
    ...words({ add: ['invite', 'connect'] })(params),
    ...texts('confirm', 'remove')(params),
  }),
  component: lazyRouteComponent(() => import('../features/peers/peers-page.tsx'), 'PeersPage'),
})
const peer = createRoute({
  getParentRoute: () => root,
  path: '/peers/$name',
  component: lazyRouteComponent(() => import('../features/peers/peer-page.tsx'), 'PeerPage'),
})
const workloads = createRoute({
  getParentRoute: () => root,
  path: '/workloads',
  validateSearch: (params) => ({
    ...words({ view: ['submitted', 'executing'], group: ['peer'] })(params),
    // `app`, as "namespace,name", lies open beside the list; the address shown is that of its page.
    ...texts('q', 'peer', 'phase', 'sort', 'app', 'tab', 'pod')(params),
  }),
  component: lazyRouteComponent(
    () => import('../features/apps/workloads-page.tsx'),
    'WorkloadsPage',
  ),
})
const app = createRoute({
  getParentRoute: () => root,
  path: '/workloads/$namespace/$name',
  validateSearch: texts('tab', 'pod'),
  component: lazyRouteComponent(() => import('../features/apps/app-page.tsx'), 'AppPage'),
})
const hosted = createRoute({
  getParentRoute: () => root,
  path: '/hosted/$namespace/$name',
  validateSearch: texts('tab', 'pod'),
  component: lazyRouteComponent(
    () => import('../features/hosted/hosted-app-page.tsx'),
    'HostedAppPage',
  ),
})
const deploy = createRoute({
  getParentRoute: () => root,
  path: '/deploy',
  // `copy` is an app as "namespace,name".
  validateSearch: texts('copy', 'template', 'peer'),
  component: lazyRouteComponent(() => import('../features/deploy/deploy-page.tsx'), 'DeployPage'),
})
const approvals = createRoute({
  getParentRoute: () => root,
  path: '/approvals',
  validateSearch: texts('id'),
  component: lazyRouteComponent(
    () => import('../features/approvals/approvals-page.tsx'),
    'ApprovalsPage',
  ),
})
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  validateSearch: texts('section', 'peer', 'view'),
  component: lazyRouteComponent(
    () => import('../features/settings/settings-page.tsx'),
    'SettingsPage',
  ),
})
const notifications = createRoute({
  getParentRoute: () => root,
  path: '/notifications',
  validateSearch: words({ show: ['unseen', 'resolved', 'all'] }),
  component: lazyRouteComponent(
    () => import('../features/notifications/notifications-page.tsx'),
    'NotificationsPage',
  ),
})
const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: texts('actor', 'action', 'peer', 'about', 'outcome'),
  component: lazyRouteComponent(() => import('../features/audit/audit-page.tsx'), 'AuditPage'),
})
const access = createRoute({
  getParentRoute: () => root,
  path: '/access',
  validateSearch: words({ tab: ['users', 'tokens', 'sessions', 'identity'] }),
  component: lazyRouteComponent(() => import('../features/access/access-page.tsx'), 'AccessPage'),
})
const reference = createRoute({
  getParentRoute: () => root,
  path: '/reference',
  validateSearch: texts('q', 'operation'),
  component: lazyRouteComponent(
    () => import('../features/reference/reference-page.tsx'),
    'ReferencePage',
  ),
})

const routeTree = root.addChildren([
  overview,
  peers,
  peer,
  workloads,
  app,
  hosted,
  deploy,
  approvals,
  settings,
  notifications,
  audit,
  access,
  reference,
])

export function createAppRouter(live: Live) {
  return createRouter({
    routeTree,
    context: { live },
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultNotFoundComponent: NoSuchPage,
    defaultErrorComponent: BrokenPage,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
