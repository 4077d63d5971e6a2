// breaks: agent-documents-downward
import '../workloads/index.ts'
export {}
