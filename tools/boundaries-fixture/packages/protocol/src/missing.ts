// breaks: resolvable
import './nowhere.ts'
export {}
