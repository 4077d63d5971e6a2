// breaks: packages-through-index
import '../../contract/src/inner.ts'
export {}
