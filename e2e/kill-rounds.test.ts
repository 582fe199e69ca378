import { test } from 'node:test'
import { SeededRandom } from '../src/testing/seeded-random.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import { KillRounds } from './support/kill-rounds.ts'
import { MirroredFiles, MirroredPackages } from './support/mirrored.ts'
import { isLong } from './support/project.ts'
import { buildPackages, type PackageSpec } from './support/rpm-packages.ts'
import { testFolder } from './support/servers.ts'

const seed = Number(process.env['DECKLE_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
const rounds = isLong ? 200 : 5
const packages: PackageSpec[] = Array.from({ length: 12 }, (_, index) => ({ name: `package-${index}`, bytes: 20_000 }))
const builders = requireClients('rpmbuild', 'createrepo_c')

test(`nothing is lost or half done in ${rounds} rounds of kills, DECKLE_TEST_SEED=${seed}`, {
  ...builders,
  timeout: isLong ? 3_600_000 : 180_000,
}, async (t) => {
  const built = await temporaryFolder()
  await buildPackages(built, packages)
  const mirrors = [
    await MirroredFiles.in(await temporaryFolder(), 'files'),
    await MirroredFiles.in(await temporaryFolder(), 'on-demand', { download_policy: 'on_demand' }),
    await MirroredPackages.in(await temporaryFolder(), 'packages', built, packages),
  ]
  const options = { dataDir: await testFolder(t), settings: { DECKLE_WORKERS: '3' } }
  const game = await KillRounds.begin(t, new SeededRandom(seed), options, mirrors)
  for (let round = 0; round < rounds; round++) await game.round()
  await game.calm()
  t.diagnostic(`killed: ${JSON.stringify(game.kills)}`)
})
