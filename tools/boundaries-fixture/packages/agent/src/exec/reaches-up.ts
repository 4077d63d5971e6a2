// breaks: agent-exec-downward
import '../workloads/index.ts'
export {}
