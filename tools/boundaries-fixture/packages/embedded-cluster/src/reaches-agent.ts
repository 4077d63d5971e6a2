// breaks: embedded-cluster-uses-kube
import '../../agent/src/index.ts'
export {}
