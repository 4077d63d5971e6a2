import type { Approval } from '@porpulsion/contract'
import { visibleText } from '../../ui/visible-text.ts'

/** What somebody is asked to allow, in a line. */
export function whatOf({ app, image = '', isUpdate, port }: Approval): string {
  if (port !== undefined) return `Tunnel to port ${port} of ${app.name}`
  return `${isUpdate === true ? 'Update of ' : ''}${app.name} (${visibleText(image)})`
}
