/** The pages, as navigation and palette list them. */
import {
  ActivityLogIcon,
  BellIcon,
  CheckCircledIcon,
  CodeIcon,
  CubeIcon,
  DashboardIcon,
  GearIcon,
  IdCardIcon,
  Link2Icon,
  RocketIcon,
} from '@radix-ui/react-icons'
import type { Role } from '@porpulsion/contract'
import type { ComponentType } from 'react'

export interface NavPage {
  readonly to: string
  readonly title: string
  readonly icon: ComponentType
  /** For the palette: what else it is looked for by. */
  readonly keywords: string
  /** Who may see what is on it; everybody if left out. */
  readonly role?: Role
}

export interface NavGroup {
  readonly title: string
  readonly pages: readonly NavPage[]
}

export const navGroups: readonly NavGroup[] = [
  {
    title: 'Clusters',
    pages: [
      { to: '/', title: 'Overview', icon: DashboardIcon, keywords: 'home topology status' },
      { to: '/peers', title: 'Peers', icon: Link2Icon, keywords: 'clusters links invite connect' },
    ],
  },
  {
    title: 'Apps',
    pages: [
      { to: '/workloads', title: 'Workloads', icon: CubeIcon, keywords: 'apps pods hosted' },
      { to: '/deploy', title: 'Deploy', icon: RocketIcon, keywords: 'new app run yaml' },
      {
        to: '/approvals',
        title: 'Approvals',
        icon: CheckCircledIcon,
        keywords: 'waiting allow reject tunnels violations',
      },
    ],
  },
  {
    title: 'This cluster',
    pages: [
      { to: '/settings', title: 'Settings', icon: GearIcon, keywords: 'rules quota images limits' },
      { to: '/notifications', title: 'Notifications', icon: BellIcon, keywords: 'alerts problems' },
      {
        to: '/audit',
        title: 'Audit',
        icon: ActivityLogIcon,
        keywords: 'log who did what',
        role: 'admin',
      },
      { to: '/access', title: 'Access', icon: IdCardIcon, keywords: 'users tokens sessions login' },
      { to: '/reference', title: 'API', icon: CodeIcon, keywords: 'rest openapi curl docs' },
    ],
  },
]
