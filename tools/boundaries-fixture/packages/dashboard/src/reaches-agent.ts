// breaks: dashboard-only-contract
import '../../agent/src/index.ts'
export {}
