// breaks: agent-peers-downward
import '../workloads/index.ts'
export {}
