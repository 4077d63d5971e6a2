// breaks: agent-links-downward
import '../workloads/index.ts'
export {}
