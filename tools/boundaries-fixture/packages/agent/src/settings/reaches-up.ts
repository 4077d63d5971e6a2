// breaks: agent-settings-downward
import '../workloads/index.ts'
export {}
