/**
 * `make fuzz`: 120 000 cases against decoder and session, or as many as fit into four and a half minutes.
 *
 *     SEED=n            the same cases again; without it each run has its own
 *     CASE=pair:17      one case alone, with its stack
 *     CASES=n           more, or fewer
 */
import { randomInt } from 'node:crypto'
import { runCase, targetNames, targets, type FuzzFailure, type TargetName } from './targets.ts'

const defaultCases = 120_000
const maxMs = 270_000
const maxFailuresShown = 5

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const given = (name: string): string | undefined =>
  process.env[name] === '' ? undefined : process.env[name]

const seed = Number(given('SEED') ?? randomInt(2 ** 31))
const one = given('CASE')
if (!Number.isSafeInteger(seed)) throw new Error('SEED is a whole number')
process.exitCode = one === undefined ? runAll() : runOne(one)

function runAll(): number {
  const cases = Number(given('CASES') ?? defaultCases)
  say(`fuzz: seed ${seed}, ${cases} cases (again: make fuzz SEED=${seed})`)
  const begunAt = performance.now()
  const failures: FuzzFailure[] = []
  const done: Record<TargetName, number> = { decoder: 0, session: 0, pair: 0 }
  for (let percent = 0; percent < 100; percent += 1) {
    if (performance.now() - begunAt > maxMs) {
      say(`fuzz: the time is up after ${percent} % of the cases`)
      break
    }
    for (const target of targetNames) {
      const share = cases * targets[target].share
      for (const end = Math.round((share * (percent + 1)) / 100); done[target] < end;) {
        const failure = runCase(seed, target, done[target])
        done[target] += 1
        if (failure === undefined) continue
        failures.push(failure)
        if (failures.length <= maxFailuresShown) show(failure)
      }
    }
  }
  const seconds = ((performance.now() - begunAt) / 1_000).toFixed(1)
  const counts = targetNames.map((target) => `${target} ${done[target]}`).join(', ')
  const sum = targetNames.reduce((total, target) => total + done[target], 0)
  say(`fuzz: ${sum} cases (${counts}), ${failures.length} failed, seed ${seed}, ${seconds} s`)
  return failures.length === 0 ? 0 : 1
}

function runOne(name: string): number {
  const [target, index] = name.split(':')
  const found = targetNames.find((each) => each === target)
  if (found === undefined) throw new Error(`CASE is ${targetNames.join(' or ')}, a colon, a number`)
  const failure = runCase(seed, found, Number(index))
  if (failure === undefined) say(`fuzz: seed ${seed}, case ${name} passed`)
  else show(failure)
  return failure === undefined ? 0 : 1
}

function show({ target, index, error }: FuzzFailure): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  say(`\nfuzz: failed: make fuzz SEED=${seed} CASE=${target}:${index}\n${text.slice(0, 3_000)}\n`)
}
