// breaks: agent-http-downward
import '../workloads/index.ts'
export {}
