import { Affix, Button, Group, Notification, Stack } from '@mantine/core'
import { createContext, use, useCallback, useState, type ReactNode } from 'react'

/** Long enough to read it and to reach for "Undo". */
const SHOWN_MS = 8_000
/** The oldest goes when there are more. */
const MAX_TOASTS = 4

export interface Toast {
  readonly text: string
  readonly tone?: 'good' | 'bad'
  readonly undo?: () => void
}

interface ShownToast extends Toast {
  readonly id: number
}

export type ShowToast = (toast: Toast) => void

const ToastContext = createContext<ShowToast | undefined>(undefined)

/** Says how something ended, above whatever page is shown then. */
export function useToast(): ShowToast {
  const show = use(ToastContext)
  if (show === undefined) throw new Error('useToast needs a ToastArea above it')
  return show
}

export function ToastArea({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly ShownToast[]>([])
  const close = useCallback((id: number) => {
    setToasts((shown) => shown.filter((toast) => toast.id !== id))
  }, [])
  const show = useCallback<ShowToast>(
    (toast) => {
      const id = performance.now()
      setToasts((shown) => [...shown.slice(1 - MAX_TOASTS), { ...toast, id }])
      setTimeout(() => close(id), SHOWN_MS)
    },
    [close],
  )
  return (
    <ToastContext value={show}>
      {children}
      {/* There before it is filled: screen readers announce what changes in it. */}
      <Affix position={{ bottom: 16, right: 16 }} role="status" maw="calc(100vw - 32px)">
        <Stack gap="xs" align="flex-end">
          {toasts.map(({ id, text, tone = 'good', undo }) => (
            <Notification
              key={id}
              role="presentation"
              withBorder
              color={tone === 'good' ? 'teal' : 'red'}
              maw={480}
              className="foreign"
              onClose={() => close(id)}
              closeButtonProps={{ 'aria-label': 'Close the message' }}
            >
              <Group justify="space-between" wrap="nowrap">
                {text}
                {undo !== undefined && (
                  <Button
                    variant="light"
                    onClick={() => {
                      close(id)
                      undo()
                    }}
                  >
                    Undo
                  </Button>
                )}
              </Group>
            </Notification>
          ))}
        </Stack>
      </Affix>
    </ToastContext>
  )
}
