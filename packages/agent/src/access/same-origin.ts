/**
 * Whether an Origin header names the origin of a Host header. The scheme is not compared: behind an ingress that ends
 * TLS we do not know ours.
 */
export function isOriginOf(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false // "null", or nonsense
  const page = new URL(origin)
  const own = `${page.protocol}//${host}`
  return page.host !== '' && URL.canParse(own) && new URL(own).host === page.host
}
