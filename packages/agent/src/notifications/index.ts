/**
 * What needs a person's attention, kept until somebody has seen it: a ring, with repeats counted instead of listed.
 *
 * Must not know who notifies, or why.
 */
export {
  createNotifications,
  type NewNotification,
  type Notifications,
  type Trouble,
} from './notifications.ts'
export { notificationHandlers } from './notification-routes.ts'
