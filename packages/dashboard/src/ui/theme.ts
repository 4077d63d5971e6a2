import {
  ActionIcon,
  Badge,
  Button,
  createTheme,
  Modal,
  Paper,
  Table,
  Tooltip,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from '@mantine/core'

/** The sea, from foam to depth. White on `7` has a contrast of 5.2. */
const ocean: MantineColorsTuple = [
  '#e6f7fb',
  '#d3ecf2',
  '#a8d7e3',
  '#79c1d4',
  '#53aec7',
  '#3aa2bf',
  '#2a9bbb',
  '#0f7490',
  '#076580',
  '#00566f',
]

/** Neutral and a little cool; also what the dark theme stands on. */
const dark: MantineColorsTuple = [
  '#e6e9ed',
  '#b7bec8',
  '#8f98a5',
  '#5c6572',
  '#363d47',
  '#2a3038',
  '#1d2229',
  '#13171c',
  '#0e1115',
  '#090b0e',
]

export const theme = createTheme({
  primaryColor: 'ocean',
  colors: { ocean, dark },
  primaryShade: { light: 7, dark: 7 },
  defaultRadius: 'md',
  autoContrast: true,
  fontFamily: '"Inter Variable", system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "JetBrains Mono", Menlo, Consolas, monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.125rem', lineHeight: '1.35' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
      h4: { fontSize: '0.875rem', lineHeight: '1.4' },
    },
  },
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray' } }),
    Badge: Badge.extend({ defaultProps: { tt: 'none', radius: 'sm', fw: 500 } }),
    Button: Button.extend({ defaultProps: { size: 'xs', fw: 500 } }),
    Modal: Modal.extend({
      defaultProps: {
        closeButtonProps: { 'aria-label': 'Close' },
        // A dialog's <header> would count as a second banner of the page.
        attributes: { header: { role: 'none' } },
        transitionProps: { duration: 120 },
      },
    }),
    Paper: Paper.extend({ defaultProps: { withBorder: true } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 8, fz: 'sm' } }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 300, transitionProps: { duration: 80 }, events: tooltipEvents() },
    }),
  },
})

/** Also for whoever comes by keyboard or finger. */
function tooltipEvents(): { hover: boolean; focus: boolean; touch: boolean } {
  return { hover: true, focus: true, touch: true }
}

/**
 * Colours by meaning, each with a contrast of 4.5 or more on what it stands on; `--tone-*` are the states of things and
 * `--surface-*` what lies on what.
 */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#5a6472',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-6)',
    '--mantine-color-yellow-light-color': 'var(--mantine-color-black)',
    '--mantine-color-orange-light-color': 'var(--mantine-color-black)',
    '--mantine-color-default-border': '#dfe3e8',
    '--surface-sunken': '#f6f8f9',
    '--surface-hover': '#f1f4f6',
    '--surface-selected': '#e2f1f5',
    '--line': '#e7eaee',
    '--tone-good': '#0b7a4b',
    '--tone-busy': '#1864ab',
    '--tone-warn': '#9a5b00',
    '--tone-bad': '#c01f2f',
    '--tone-idle': '#5a6472',
    '--tone-ask': '#7a35a8',
    '--color-before': 'var(--mantine-color-red-9)',
    '--color-after': 'var(--mantine-color-teal-9)',
  },
  dark: {
    '--mantine-color-body': '#0e1115',
    '--mantine-color-text': '#e6e9ed',
    '--mantine-color-dimmed': '#98a2b0',
    '--mantine-color-placeholder': '#8a94a2',
    '--mantine-color-default-border': '#2a3038',
    '--mantine-color-default': '#161a20',
    '--mantine-color-default-hover': '#1d2229',
    '--mantine-color-anchor': '#53aec7',
    '--surface-sunken': '#0b0d11',
    '--surface-hover': '#171b21',
    '--surface-selected': '#12303a',
    '--line': '#20252c',
    '--tone-good': '#3ecf8e',
    '--tone-busy': '#6cb2f7',
    '--tone-warn': '#f0b13c',
    '--tone-bad': '#ff7b7b',
    '--tone-idle': '#98a2b0',
    '--tone-ask': '#c79bf2',
    // The library's own is all but white: what removes something would look like what does not.
    '--mantine-color-red-light-color': 'var(--mantine-color-red-3)',
    '--color-before': 'var(--mantine-color-red-3)',
    '--color-after': 'var(--mantine-color-teal-3)',
  },
})
