import assert from 'node:assert/strict'
import { it } from 'node:test'
import { PublishTrial } from '../../testing/publish-run.ts'
import { yumDistributor } from './yum-distributor.ts'

const place = { relative_url: 'r', http: true, https: false }
const publish = (config: object) => new PublishTrial(yumDistributor, []).run({ ...place, ...config })

it('a signed index has its signature and the key beside it', async () => {
  const { files } = await publish({ gpg_sign_metadata: true })
  const repomd = String(files.get('repodata/repomd.xml'))
  assert.equal(String(files.get('repodata/repomd.xml.asc')), `signed: ${repomd}`)
  assert.equal(String(files.get('repodata/repomd.xml.key')), 'the public key\n')
  for (const off of [{}, { gpg_sign_metadata: false }]) {
    assert.ok(![...(await publish(off)).files.keys()].some((path) => /\.(asc|key)$/.test(path)))
  }
})

it('the key of the packages stands at the top, where the config has one', async () => {
  assert.equal(String((await publish({ gpgkey: 'KEY\n' })).files.get('pulp.key')), 'KEY\n')
  for (const none of [{}, { gpgkey: '' }, { gpgkey: null }]) {
    assert.equal((await publish(none)).files.has('pulp.key'), false)
  }
})
