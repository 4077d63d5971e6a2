// breaks: agent-approvals-downward
import '../workloads/index.ts'
export {}
