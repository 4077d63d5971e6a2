// breaks: protocol-no-dependencies
import 'node:fs'
export {}
