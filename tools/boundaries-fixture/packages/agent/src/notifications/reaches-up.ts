// breaks: agent-notifications-downward
import '../workloads/index.ts'
export {}
