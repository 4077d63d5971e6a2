// breaks: agent-usage-downward
import '../workloads/index.ts'
export {}
