/**
 * The story of two clusters, told to whatever clusters there are: embedded ones in `make test`, real ones with
 * `make e2e`. Each chapter goes on where the one before it ended.
 */
import { afterAll, beforeAll, describe } from 'vitest'
import { tellOfApprovals } from './anywhere/approvals.ts'
import { tellOfBackups } from './anywhere/backups.ts'
import { tellOfDeleting } from './anywhere/deleting.ts'
import { tellOfEveryField } from './anywhere/every-field.ts'
import { tellOfExposures } from './anywhere/exposures.ts'
import { tellOfGuards } from './anywhere/guards.ts'
import { tellOfKubectl } from './anywhere/kubectl-user.ts'
import { tellOfLeaving } from './anywhere/leaving.ts'
import { tellOfPeering } from './anywhere/peering.ts'
import { tellOfReasons } from './anywhere/reasons.ts'
import { tellOfRenewing } from './anywhere/renewing.ts'
import { tellOfRights } from './anywhere/rights.ts'
import { tellOfRules } from './anywhere/rules.ts'
import { tellOfSharedSecrets } from './anywhere/shared-secrets.ts'
import { tellOfVisits } from './anywhere/visits.ts'
import { tellOfWeather } from './anywhere/weather.ts'
import { locateTool } from './support/locate-tool.ts'
import { openWorld, worldKind, type World } from './support/world.ts'

const kubectl = locateTool('kubectl')
const suffix = kubectl.kind === 'missing' ? ` (skipped: ${kubectl.reason})` : ''

describe.skipIf(kubectl.kind === 'missing')(`two clusters (${worldKind})${suffix}`, () => {
  let opened: World | undefined
  beforeAll(async () => {
    if (kubectl.kind === 'found') opened = await openWorld(kubectl.path)
  }, 600_000)
  afterAll(() => opened?.close(), 600_000)

  const world = (): World => {
    if (opened === undefined) throw new Error('There is no world: it could not be opened')
    return opened
  }
  describe('become peers', () => tellOfPeering(world))
  describe('run an app that has every field', () => tellOfEveryField(world))
  describe('share Secrets', () => tellOfSharedSecrets(world))
  describe('are used with kubectl', () => tellOfKubectl(world))
  describe('look into an app', () => tellOfVisits(world))
  describe('serve ports of apps', () => tellOfExposures(world))
  describe('keep their owner’s rules', () => tellOfRules(world))
  describe('ask their owner', () => tellOfApprovals(world))
  describe('have a second lock', () => tellOfGuards(world))
  describe('say what is wrong', () => tellOfReasons(world))
  describe('stand bad weather', () => tellOfWeather(world))
  describe.skipIf(worldKind === 'embedded')(
    'renew who they are (skipped on embedded clusters, which have a story of their own for it)',
    () => tellOfRenewing(world),
  )
  describe('are lost and restored', () => tellOfBackups(world))
  describe('forget what is deleted', () => tellOfDeleting(world))
  describe.runIf(worldKind === 'releases')('hold agents to their rights', () => tellOfRights(world))
  describe('part', () => tellOfLeaving(world))
})
