import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { HtmlTagDescriptor, Plugin } from 'vite'

const read = (name: string): string =>
  readFileSync(new URL(`../first-paint/${name}`, import.meta.url), 'utf8')

const sources = ['first-paint.css', 'first-paint.js'].map((name) => {
  const source = read(name)
  const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8)
  return { name, source, fileName: `assets/${name.replace('.', `-${hash}.`)}` }
})

/**
 * Something to see at once, on any line: a still frame, with a style and a theme of its own of a few hundred bytes. The
 * page's stylesheet moves behind that frame, because a browser paints nothing that comes after one it still waits for.
 */
export function firstPaint(): Plugin {
  return {
    name: 'porpulsion-first-paint',
    buildStart() {
      // While developing, they are served from where they lie.
      if (this.environment.mode !== 'build') return
      for (const { fileName, source } of sources) this.emitFile({ type: 'asset', fileName, source })
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, { server }) {
        const tags = sources.map(({ name, fileName }) =>
          tagOf(server === undefined ? `/${fileName}` : `/first-paint/${name}`),
        )
        return { html: framed(html), tags }
      },
    },
  }
}

const tagOf = (path: string): HtmlTagDescriptor =>
  path.endsWith('.css')
    ? { tag: 'link', attrs: { rel: 'stylesheet', href: path }, injectTo: 'head-prepend' }
    : { tag: 'script', attrs: { src: path }, injectTo: 'head-prepend' }

function framed(html: string): string {
  const [stylesheet = ''] = /\s*<link rel="stylesheet"[^>]*>/.exec(html) ?? []
  const before = `<div id="first-paint">${read('frame.html')}</div>${stylesheet}\n    `
  return html.replace(stylesheet, '').replace('<div id="root">', (root) => before + root)
}
