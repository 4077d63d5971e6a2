// breaks: agent-tunnels-downward
import '../workloads/index.ts'
export {}
