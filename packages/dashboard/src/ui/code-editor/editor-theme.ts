/** How code looks: colours from the page's own variables, so that both themes are one. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const highlight = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: 'var(--code-key)' },
  { tag: [tags.string, tags.content, tags.special(tags.string)], color: 'var(--code-text)' },
  { tag: tags.comment, color: 'var(--code-quiet)', fontStyle: 'italic' },
  { tag: [tags.separator, tags.punctuation, tags.bracket], color: 'var(--code-quiet)' },
  { tag: [tags.typeName, tags.labelName, tags.keyword], color: 'var(--code-word)' },
])

const look = EditorView.theme({
  '&': { fontSize: 'var(--mantine-font-size-sm)', color: 'var(--mantine-color-text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--mantine-color-text)', padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '.cm-gutters': {
    backgroundColor: 'transparent',
    color: 'var(--code-quiet)',
    border: 'none',
    paddingLeft: '4px',
  },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--code-line)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection': {
    backgroundColor: 'var(--code-selection) !important',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--mantine-color-body)',
    color: 'var(--mantine-color-text)',
    border: '1px solid var(--mantine-color-default-border)',
    borderRadius: 'var(--mantine-radius-sm)',
    boxShadow: 'var(--mantine-shadow-md)',
    maxWidth: 'min(440px, 90vw)',
  },
  '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mantine-font-family-monospace)' },
  '.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px !important' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--surface-selected) !important',
    color: 'var(--mantine-color-text) !important',
  },
  '.cm-completionDetail': { color: 'var(--mantine-color-dimmed)', fontStyle: 'normal' },
  '.cm-completionInfo': { padding: '6px 10px', fontSize: 'var(--mantine-font-size-xs)' },
  '.cm-field-help': { padding: '6px 10px', fontSize: 'var(--mantine-font-size-xs)' },
  '.cm-field-help span': { color: 'var(--mantine-color-dimmed)', marginLeft: '8px' },
  '.cm-field-help p': { margin: '4px 0 0' },
  '.cm-diagnostic': { padding: '4px 10px', fontSize: 'var(--mantine-font-size-xs)' },
  '.cm-diagnosticAction': {
    backgroundColor: 'var(--mantine-primary-color-filled)',
    color: '#fff',
    borderRadius: '4px',
  },
  '.cm-panels': {
    backgroundColor: 'var(--surface-sunken)',
    color: 'var(--mantine-color-text)',
    borderColor: 'var(--line)',
  },
  '.cm-textfield': {
    backgroundColor: 'var(--mantine-color-body)',
    border: '1px solid var(--mantine-color-default-border)',
    borderRadius: '4px',
  },
  '.cm-button': {
    backgroundImage: 'none',
    backgroundColor: 'var(--mantine-color-default)',
    border: '1px solid var(--mantine-color-default-border)',
    borderRadius: '4px',
  },
  '.cm-searchMatch': { backgroundColor: 'var(--code-match)' },
  '.cm-placeholder': { color: 'var(--mantine-color-placeholder)' },
  '.cm-foldPlaceholder': {
    backgroundColor: 'var(--surface-hover)',
    color: 'var(--mantine-color-dimmed)',
    border: 'none',
  },
  // The differences of two manifests.
  '.cm-changedLine, &.cm-merge-b .cm-changedLine, .cm-inlineChangedLine': {
    backgroundColor: 'var(--code-added) !important',
  },
  '.cm-deletedChunk': { backgroundColor: 'var(--code-removed) !important', paddingLeft: '6px' },
  '.cm-deletedChunk .cm-deletedText, .cm-changedText': {
    background: 'var(--code-changed) !important',
  },
  // The sign of its own is in few fonts.
  '.cm-collapsedLines:before, .cm-collapsedLines:after': { content: '"⋯"' },
  '.cm-collapsedLines': {
    background: 'var(--surface-sunken)',
    color: 'var(--mantine-color-dimmed)',
    borderBlock: '1px solid var(--line)',
    padding: '4px 12px',
  },
})

export const codeLook: Extension = [look, syntaxHighlighting(highlight)]
