// breaks: agent-renewal-downward
import '../workloads/index.ts'
export {}
