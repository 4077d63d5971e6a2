// breaks: protocol-stands-alone
import '../../contract/src/index.ts'
export {}
