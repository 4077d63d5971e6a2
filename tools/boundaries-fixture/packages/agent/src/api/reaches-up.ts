// breaks: agent-api-downward
import '../workloads/index.ts'
export {}
