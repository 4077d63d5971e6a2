// breaks: streams-layers
import '../../agent/src/index.ts'
