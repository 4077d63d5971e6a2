import type { ApiHandlers } from '../api/index.ts'
import type { Notifications } from './notifications.ts'

export function notificationHandlers({
  notifications,
}: {
  readonly notifications: Notifications
}): ApiHandlers {
  return {
    listNotifications: () => Promise.resolve({ items: [...notifications.list()] }),
    acknowledgeNotification: ({ params }) => notifications.acknowledge(params['id'] ?? ''),
  }
}
