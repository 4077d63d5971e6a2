import { setFlagsFromString } from 'node:v8'

/**
 * Lets the heap grow by so many percent of what was left of it before all of it is collected again. V8 counts buffers in
 * flight as well, 30 MB under a transfer, and would by itself allow less, the smaller the heap and the less memory there
 * is: then it is at the limit again as soon as it has collected, and collecting takes longer than passing bytes on.
 */
export const letHeapGrow = (percent: number): void =>
  setFlagsFromString(`--heap-growing-percent=${percent}`)
