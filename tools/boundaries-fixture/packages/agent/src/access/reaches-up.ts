// breaks: agent-access-downward
import '../workloads/index.ts'
export {}
