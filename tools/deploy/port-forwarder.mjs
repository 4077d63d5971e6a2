// @ts-check
/** `node port-forwarder.mjs PORT ADDRESS TARGET`: brings a port of this machine's loopback to a port elsewhere. */
import { connect, createServer } from 'node:net'

const [port, address, target] = process.argv.slice(2)

createServer({ allowHalfOpen: true }, (near) => {
  const far = connect({ port: Number(target), host: address, allowHalfOpen: true })
  near.pipe(far).pipe(near)
  // An end that breaks takes the other along; there is nobody else to tell.
  near.once('error', () => far.destroy()).once('close', () => far.destroy())
  far.once('error', () => near.destroy()).once('close', () => near.destroy())
}).listen(Number(port), '127.0.0.1')
