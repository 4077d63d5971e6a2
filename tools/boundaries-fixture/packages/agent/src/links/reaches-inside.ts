// breaks: features-through-index
import '../peers/inner.ts'
export {}
