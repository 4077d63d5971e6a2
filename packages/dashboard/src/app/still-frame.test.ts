import { readFile } from 'node:fs/promises'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { StillFrame } from './still-frame.tsx'

/** Without what the one writes and the other does not: white space between tags, and how a tag without content ends. */
const bare = (markup: string): string =>
  markup
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?(<|>) ?/g, '$1')
    .replaceAll(' />', '></path>')

test('nothing moves when the frame of index.html gives way to that of the page', async () => {
  const frame = await readFile(new URL('../../first-paint/frame.html', import.meta.url), 'utf8')
  expect(bare(renderToStaticMarkup(createElement(StillFrame)))).toBe(bare(frame.trim()))
})
