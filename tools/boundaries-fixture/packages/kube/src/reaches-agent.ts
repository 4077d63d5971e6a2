// breaks: kube-stands-alone
import '../../agent/src/index.ts'
export {}
