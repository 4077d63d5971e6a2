import { createTheme, Modal, type CSSVariablesResolver } from '@mantine/core'

export const theme = createTheme({
  primaryColor: 'indigo',
  // One step darker than Mantine's own in the light theme: white on its `6` has a contrast of 4.3.
  primaryShade: { light: 7, dark: 8 },
  defaultRadius: 'md',
  autoContrast: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, monospace',
  components: {
    Modal: Modal.extend({
      defaultProps: {
        closeButtonProps: { 'aria-label': 'Close' },
        // A dialog's <header> would count as a second banner of the page.
        attributes: { header: { role: 'none' } },
      },
    }),
  },
})

/** Mantine's dimmed text has a contrast of 3.3, its titles of warnings of 2.7; these keep to 4.5, and so do the sides of a diff. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    // The current page's link under the mouse: one step lighter, or its label has 4.1.
    '--mantine-color-indigo-light-hover': 'var(--mantine-color-indigo-1)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-6)',
    '--mantine-color-yellow-light-color': 'var(--mantine-color-black)',
    '--mantine-color-orange-light-color': 'var(--mantine-color-black)',
    '--color-before': 'var(--mantine-color-red-9)',
    '--color-after': 'var(--mantine-color-teal-9)',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-1)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-2)',
    '--color-before': 'var(--mantine-color-red-3)',
    '--color-after': 'var(--mantine-color-teal-3)',
  },
})
