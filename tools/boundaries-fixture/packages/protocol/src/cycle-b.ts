import './cycle-a.ts'
export {}
