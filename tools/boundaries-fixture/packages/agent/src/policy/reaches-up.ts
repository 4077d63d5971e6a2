// breaks: agent-policy-downward
import '../workloads/index.ts'
export {}
