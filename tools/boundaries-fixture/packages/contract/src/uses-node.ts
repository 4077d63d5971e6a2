// breaks: contract-only-schemas
import 'node:fs'
export {}
