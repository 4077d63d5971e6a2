/**
 * The certificate library, for whoever loads it late. Through a module of our own, because once bundled, a dynamic
 * import of a CommonJS package has a default export and nothing else.
 */
// Its decorators need the reflection API to be there before it is evaluated.
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

export { x509 }
