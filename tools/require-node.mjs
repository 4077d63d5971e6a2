/** `node tools/require-node.mjs 20.19.0`: says what is wrong before npm says it in forty lines. */
const minimum = process.argv[2] ?? '20.19.0'
const have = process.versions.node

const parts = (version) => version.split('.').map(Number)
const isOlder = ([a, b, c], [x, y, z]) => a < x || (a === x && (b < y || (b === y && c < z)))

if (isOlder(parts(have), parts(minimum))) {
  process.stderr.write(
    `Porpulsion needs Node ${minimum} or newer; this is ${have} (${process.execPath}).\n` +
      'Install a newer one from https://nodejs.org or with your version manager, and run this again.\n',
  )
  process.exit(1)
}
