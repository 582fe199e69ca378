import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { StateFolder, usualStateFolder } from './state-folder.ts'

const keys = { host: '1h1', accessKey: 'a', secretKey: 's' }

describe('The state of an agent', () => {
  test('has one identity from the first time on', async () => {
    const path = await temporaryFolder()
    const { identity } = await new StateFolder(path).load()
    assert.deepEqual(await new StateFolder(path).load(), { identity })
    await new StateFolder(path).save({ identity, url: 'http://a', keys })
    assert.deepEqual(await new StateFolder(path).load(), { identity, url: 'http://a', keys })
    assert.deepEqual(await readdir(path), ['agent.json'])
  })

  test('is not taken from a file of something else', async () => {
    const path = await temporaryFolder()
    for (const text of ['', '[]', '{"identity":1}', 'no JSON']) {
      await writeFile(join(path, 'agent.json'), text)
      await assert.rejects(new StateFolder(path).load(), /agent\.json is not the state of an agent/)
    }
  })

  test('lies with the host for root, with the user for others', () => {
    assert.equal(usualStateFolder({ HOME: '/home/u' }, true), '/var/lib/deckle-agent')
    assert.equal(usualStateFolder({ HOME: '/home/u' }, false), '/home/u/.local/state/deckle-agent')
    assert.equal(usualStateFolder({ HOME: '/home/u', XDG_STATE_HOME: '/s' }, false), '/s/deckle-agent')
  })
})
