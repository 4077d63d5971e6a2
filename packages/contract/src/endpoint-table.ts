/**
 * The table under a second name, for who reads its schemas while it runs. The page takes `endpoints` for where and how to
 * ask only, and its build leaves the schemas out of that.
 */
export { endpoints as endpointTable } from './endpoints.ts'
