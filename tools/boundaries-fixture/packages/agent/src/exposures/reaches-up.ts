// breaks: agent-exposures-downward
import '../workloads/index.ts'
export {}
