// breaks: agent-workloads-downward
import '../tunnels/index.ts'
export {}
