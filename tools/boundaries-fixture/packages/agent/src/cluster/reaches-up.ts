// breaks: agent-cluster-downward
import '../workloads/index.ts'
export {}
