// breaks: agent-observability-downward
import '../workloads/index.ts'
export {}
