// breaks: cli-only-contract
import '../../kube/src/index.ts'
export {}
