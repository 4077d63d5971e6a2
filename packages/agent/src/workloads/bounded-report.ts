import { AppConditionType, type Condition, type StatusReport } from '@porpulsion/contract'

/** Words of a peer go into our objects, and with them onto our pages: a bounded number, of bounded length. */
const MAX_MESSAGE = 1_024
const MAX_NAME = 253
const MAX_PODS = 50
const MAX_EVENTS = 10
const known: readonly string[] = Object.values(AppConditionType)

export function boundedReport(report: StatusReport): StatusReport {
  const { status } = report
  return {
    ...report,
    status: {
      ...status,
      conditions: conditions(status.conditions),
      ...(status.serviceName !== undefined && { serviceName: name(status.serviceName) }),
      ...(status.pods && {
        pods: status.pods.slice(0, MAX_PODS).map((pod) => ({
          ...pod,
          name: name(pod.name),
          phase: name(pod.phase),
          ...(pod.reason !== undefined && { reason: name(pod.reason) }),
          ...(pod.message !== undefined && { message: message(pod.message) }),
        })),
      }),
      ...(status.events && {
        events: status.events.slice(0, MAX_EVENTS).map((event) => ({
          ...event,
          type: name(event.type),
          reason: name(event.reason),
          message: message(event.message),
          object: name(event.object),
        })),
      }),
    },
  }
}

/** One of each type we know; a list with two of one would be refused by nobody and understood by nobody. */
function conditions(all: readonly Condition[]): Condition[] {
  const byType = new Map(
    all.filter(({ type }) => known.includes(type)).map((one) => [one.type, one]),
  )
  return [...byType.values()].map((one) => ({
    ...one,
    reason: name(one.reason),
    message: message(one.message),
  }))
}

const name = (text: string): string => text.slice(0, MAX_NAME)
const message = (text: string): string => text.slice(0, MAX_MESSAGE)
