/** The code of a pasted login link, or what was pasted when it is the bare code. */
export function codeOf(pasted: string): string {
  const text = pasted.trim()
  return URL.canParse(text) ? (new URL(text).searchParams.get('code') ?? text) : text
}
