// breaks: agent-audit-downward
import '../workloads/index.ts'
export {}
