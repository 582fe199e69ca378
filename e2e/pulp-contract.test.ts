import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { onOneDatabase } from '../src/testing/databases.ts'
import type { Operation } from './support/contract/operation.ts'
import { holdToRights } from './support/contract/permissions.ts'
import { pathOf, runCase } from './support/contract/run-case.ts'
import { furtherRows, writtenRows } from './support/contract/table.ts'
import { World } from './support/contract/world.ts'
import { inProject } from './support/project.ts'
import { newFolder, removeFolder, sharedServer } from './support/servers.ts'

const sample = inProject('sample/repository')
const contentSource = `[near]\nenabled: 1\ntype: yum\nbase_url: ${pathToFileURL(`${sample}/`).href}\nproxy_password: geheim\n`
const nameOf = ({ section, method }: Pick<Operation, 'section' | 'method'>) => `${section} ${method}`

onOneDatabase('the Pulp API', (fresh) => {
  let exports = ''
  let sources = ''
  let world: World
  before(async () => {
    exports = await newFolder()
    sources = await newFolder()
    await writeFile(join(sources, 'contract.conf'), contentSource)
  })
  const server = sharedServer(fresh, () => ({
    DECKLE_PLUGINS: inProject('src/testing/raising-plugin.ts'),
    DECKLE_FEED_DIRS: sample,
    DECKLE_EXPORT_DIRS: exports,
    DECKLE_CONTENT_SOURCES: sources,
  }))
  after(() => removeFolder(exports))
  after(() => removeFolder(sources))
  before(() => {
    world = new World(server(), { feed: pathToFileURL(`${sample}/`).href, exports })
  })

  for (const row of [...writtenRows, ...furtherRows]) {
    describe(`${nameOf(row)} ${pathOf(row)}`, () => {
      for (const each of row.cases) {
        it(`answers ${each.status} ${each.when}`, () => runCase(world, row, each))
      }
      it('asks for its permission and for no other', () => holdToRights(world, row))
    })
  }
})
