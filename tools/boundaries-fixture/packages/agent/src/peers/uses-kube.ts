// breaks: kube-in-stores-only
import '../../../kube/src/index.ts'
export {}
