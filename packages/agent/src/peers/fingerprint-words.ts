import { scrypt } from 'node:crypto'
import { wordlist } from '@scure/bip39/wordlists/english.js'

const wordCount = 6
const bitsPerWord = 11
/** Slow on purpose: with 66 bits and a fast hash, somebody could search for a CA whose words look like a peer's. */
const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }
const salt = 'porpulsion/words/1'

/** Six words that are the same on both sides and hardly any other pair's; to be read out over the phone. */
export async function fingerprintWords(a: string, b: string): Promise<string> {
  const hash = await slowHash([a, b].sort().join('\n'))
  const bits = [...hash].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return Array.from({ length: wordCount }, (_, word) => {
    const index = parseInt(bits.slice(word * bitsPerWord, (word + 1) * bitsPerWord), 2)
    return wordlist[index] ?? ''
  }).join(' ')
}

function slowHash(text: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(text, salt, Math.ceil((wordCount * bitsPerWord) / 8), cost, (error, hash) => {
      if (error === null) resolve(hash)
      else reject(error)
    })
  })
}
