/** Regular expressions of our schemas, in the dialect both JSON Schema and Kubernetes read, with what they ask for. */
export const patterns = {
  dns1123Label: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
  quantity: '^(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d{1,3}|n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$',
  envName: '^[-._a-zA-Z][-._a-zA-Z0-9]*$',
  mountPath: '^/[^:]*$',
  httpUrl: '^https?://',
  sha256: '^[0-9a-f]{64}$',
  cidr: '^(((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\\.(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}/(3[0-2]|[12]?[0-9]))|([0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}/(12[0-8]|1[01][0-9]|[1-9]?[0-9])))$',
} as const

const words: Readonly<Record<keyof typeof patterns, string>> = {
  dns1123Label:
    'must be lower-case letters, digits and "-", starting and ending with a letter or digit',
  quantity: 'must be a Kubernetes quantity, e.g. 500m, 1.5 or 128Mi',
  envName: 'must be letters, digits, "_", "-" and ".", not starting with a digit',
  mountPath: 'must be an absolute path without ":", e.g. /etc/app',
  httpUrl: 'must start with http:// or https://',
  sha256: 'must be 64 lower-case hex digits',
  cidr: 'must be a network such as 10.1.0.0/16 or fd00::/8',
}

/** What a value must look like, in words; undefined for a pattern that nobody types. */
export const patternWords = (pattern: unknown): string | undefined => byPattern.get(String(pattern))

const byPattern = new Map<string, string>(
  Object.entries(words).map(([name, text]) => [
    patterns[name as keyof typeof patterns], // its own keys
    text,
  ]),
)
