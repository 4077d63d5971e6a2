// breaks: no-cycles
import './cycle-b.ts'
export {}
