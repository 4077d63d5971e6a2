// breaks: agent-layers
import '../../cli/src/index.ts'
export {}
