import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { compareEvr, compareVersions } from '../src/plugins/rpm/rpm-version.ts'
import { clientPath } from '../src/testing/clients.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import { succeed } from './support/programs.ts'

const runs = process.env['DECKLE_TEST_LONG'] === '1' ? 200_000 : 5000
const characters = ['0', '1', '2', '9', '00', '10', 'a', 'b', 'rc', 'Z', '.', '_', '+', '~', '^', 'ß']
/** No blanks, which separate them on a line, and none empty. */
const version = fc.array(fc.constantFrom(...characters), { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''))
const evr = fc.record({ epoch: fc.nat(3).map(String), version, release: version })

/** What rpm's own comparison says of each pair: -1, 0 or 1. */
async function orderByRpm(pairs: readonly (readonly [string, string])[]): Promise<number[]> {
  const folder = await temporaryFolder()
  const path = join(folder, 'pairs')
  await writeFile(path, `${pairs.map((pair) => pair.join(' ')).join('\n')}\n`)
  const program = `for line in io.lines("${path}") do
    local one, two = line:match("^(%S+) (%S+)$")
    print(rpm.vercmp(one, two) .. " ")
  end`
  const { stdout } = await succeed(clientPath('rpm'), ['--eval', `%{lua:${program}}`])
  return stdout.trim().split(' ').map(Number)
}

describe('the order of versions', () => {
  const { seed = Date.now() } = fc.readConfigureGlobal()

  it('is that of the program rpm', requireClients('rpm'), async () => {
    const pairs = fc.sample(fc.tuple(version, version), { numRuns: runs, seed })
    const orders = await orderByRpm(pairs)
    assert.equal(orders.length, runs)
    for (const [at, [one, two]] of pairs.entries())
      assert.equal(Math.sign(compareVersions(one, two)), orders[at], `${one} ${two} (seed ${seed})`)
  })

  it('is that also with epochs and releases', requireClients('rpm'), async () => {
    const pairs = fc.sample(fc.tuple(evr, evr), { numRuns: runs, seed })
    const text = ({ epoch, version, release }: (typeof pairs)[number][0]) => `${epoch}:${version}-${release}`
    const orders = await orderByRpm(pairs.map(([one, two]) => [text(one), text(two)]))
    for (const [at, [one, two]] of pairs.entries())
      assert.equal(Math.sign(compareEvr(one, two)), orders[at], `${text(one)} ${text(two)} (seed ${seed})`)
  })
})
