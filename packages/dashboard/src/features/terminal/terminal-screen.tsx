import '@xterm/xterm/css/xterm.css'
import { useComputedColorScheme } from '@mantine/core'
import { FitAddon } from '@xterm/addon-fit'
import { Terminal, type ITheme } from '@xterm/xterm'
import { useEffect, useRef, type RefObject } from 'react'
import type { ExecQuery } from '@porpulsion/contract'
import { openExec, type ExecEnd } from './exec-socket.ts'
import { OutputGate } from './output-gate.ts'
import classes from './terminal.module.css'

const SCROLLBACK_LINES = 5_000

interface TerminalScreenProps {
  readonly id: string
  readonly query: ExecQuery
  readonly label: string
  /** Where the focus goes with F6. */
  readonly leaveTo: RefObject<HTMLElement | null>
  readonly onOpen: () => void
  readonly onEnd: (end: ExecEnd) => void
}

/** One command from start to end; another one is another screen. */
export default function TerminalScreen(props: TerminalScreenProps) {
  const place = useRef<HTMLDivElement>(null)
  const terminal = useRef<Terminal>(undefined)
  const scheme = useComputedColorScheme('light')
  // What it begins with; it goes on with that, whatever the page shows meanwhile.
  const first = useRef(props)

  useEffect(() => {
    const { current } = place
    if (current === null) return undefined
    const { screen, stop } = run(current, first.current)
    terminal.current = screen
    return stop
  }, [])
  useEffect(() => {
    if (terminal.current !== undefined) terminal.current.options.theme = themes[scheme]
  }, [scheme])

  return <div ref={place} className={classes['screen']} />
}

function run(
  place: HTMLElement,
  { id, query, label, leaveTo, onOpen, onEnd }: TerminalScreenProps,
) {
  const screen = new Terminal({
    scrollback: SCROLLBACK_LINES,
    fontFamily: getComputedStyle(place).getPropertyValue('--mantine-font-family-monospace'),
    fontSize: 13,
    cursorBlink: true,
    minimumContrastRatio: 4.5,
  })
  const fit = new FitAddon()
  screen.loadAddon(fit)
  screen.open(place)
  screen.textarea?.setAttribute('aria-label', `${label}. F6 leaves the terminal.`)
  fit.fit()

  const gate = new OutputGate((data, done) => screen.write(data, done))
  const exec = openExec(
    id,
    { ...query, tty: true, stdin: true, columns: screen.cols, rows: screen.rows },
    {
      onOpen() {
        // It may have grown while the command was started.
        exec.resize({ width: screen.cols, height: screen.rows })
        screen.focus()
        onOpen()
      },
      onOutput: (bytes) => gate.write(bytes),
      onEnd(end) {
        screen.options.disableStdin = true
        screen.options.cursorBlink = false
        onEnd(end)
      },
    },
  )
  screen.onData((text) => exec.write(new TextEncoder().encode(text)))
  screen.onBinary((text) =>
    exec.write(Uint8Array.from(text, (character) => character.charCodeAt(0))),
  )
  screen.onResize(({ cols, rows }) => exec.resize({ width: cols, height: rows }))
  screen.attachCustomKeyEventHandler((event) => {
    if (event.key === 'F6') {
      leaveTo.current?.focus()
      return false
    }
    const copies = event.ctrlKey && event.shiftKey && event.code === 'KeyC' && screen.hasSelection()
    if (!copies) return true
    void navigator.clipboard.writeText(screen.getSelection())
    event.preventDefault()
    return false
  })
  const observer = new ResizeObserver(() => fit.fit())
  observer.observe(place)

  const stop = (): void => {
    observer.disconnect()
    exec.close()
    screen.dispose()
  }
  return { screen, stop }
}

const themes: Readonly<Record<'light' | 'dark', ITheme>> = {
  light: {
    background: '#f6f8f9',
    foreground: '#1b1f24',
    cursor: '#0f7490',
    selectionBackground: '#b6dfe9',
    black: '#1b1f24',
    red: '#b3121f',
    green: '#0b6b3a',
    yellow: '#7d5000',
    blue: '#1551b5',
    magenta: '#86209c',
    cyan: '#00626f',
    white: '#5a6472',
  },
  dark: {
    background: '#0b0d11',
    foreground: '#e6e9ed',
    cursor: '#53aec7',
    selectionBackground: '#1f4b58',
    black: '#5c6572',
    red: '#ff7b7b',
    green: '#4fd18b',
    yellow: '#f0c34a',
    blue: '#79b0ff',
    magenta: '#d99bf5',
    cyan: '#56cfe1',
    white: '#e6e9ed',
  },
}
