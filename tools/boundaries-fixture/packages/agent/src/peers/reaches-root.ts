// breaks: composition-root-on-top
import '../config.ts'
export {}
