// breaks: contract-stands-alone
import '../../kube/src/index.ts'
export {}
