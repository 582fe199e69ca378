import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { loadPlugins } from './load-plugins.ts'

const raising = join(import.meta.dirname, '../testing/raising-plugin.ts')

async function module(text: string): Promise<string> {
  const path = join(await temporaryFolder(), 'plugin.mjs')
  await writeFile(path, text)
  return path
}

describe('loadPlugins', () => {
  it('adds the content families of modules to the built-in ones', async () => {
    const builtIn = await loadPlugins([])
    const plugins = await loadPlugins([raising])
    assert.deepEqual(
      plugins.importers.map(({ id }) => id),
      [...builtIn.importers.map(({ id }) => id), 'raising_importer'],
    )
    assert.equal(plugins.findDistributor('raising_distributor')?.displayName, 'Raising Distributor')
  })

  it('refuses two of one name, and says whose they are', async () => {
    const wanted = {
      kind: 'invalid',
      message: 'the plugins raising and raising both bring the content type raising_unit',
    }
    await assert.rejects(loadPlugins([raising, raising]), wanted)
    const importer = "[{ id: 'yum_importer' }]"
    const thief = await module(
      `export const plugin = { name: 'thief', contentTypes: [], importers: ${importer}, distributors: [] }`,
    )
    await assert.rejects(loadPlugins([thief]), /the plugins rpm and thief both bring the importer yum_importer/)
  })

  it('refuses a module that is not there, that cannot run or that exports no plugin, and names it', async () => {
    const modules = [
      '/nowhere/plugin.mjs',
      await module('this is no JavaScript'),
      await module("throw new Error('at start')"),
      await module('export const other = 1'),
      await module("export const plugin = { name: 'half', importers: [] }"),
    ]
    for (const path of modules) {
      await assert.rejects(loadPlugins([path]), (error: Error) => error.message.includes(`${path} (DECKLE_PLUGINS)`))
    }
  })
})
