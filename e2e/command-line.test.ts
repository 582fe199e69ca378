import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { onOneDatabase } from '../src/testing/databases.ts'
import { deadUrl } from '../src/testing/scripted-server.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import { deckle } from './support/command-line.ts'
import { adminPassword } from './support/deckle-server.ts'
import { Dnf } from './support/dnf.ts'
import { FolderUpstream } from './support/folder-upstream.ts'
import { writePlainFiles } from './support/plain-files.ts'
import { inProject } from './support/project.ts'
import { fetchBytes } from './support/published.ts'
import { sharedServer } from './support/servers.ts'

onOneDatabase('the command line', (fresh) => {
  const server = sharedServer(fresh)

  function run(...args: string[]) {
    const url = new URL(server().url)
    url.username = 'admin'
    url.password = adminPassword
    return deckle(args, { DECKLE_URL: url.href })
  }

  test(
    'mirrors an RPM repository in one line and prints a .repo file that dnf takes as it is',
    requireClients('dnf', 'rpm'),
    async () => {
      const { feed } = await FolderUpstream.of(inProject('sample/repository'))
      const { code, stdout, stderr } = await run('mirror', feed, '--id', 'mill')
      assert.equal(code, 0, stderr)
      assert.match(stderr, new RegExp(`${server().url}/pulp/repos/mill/`))
      const dnf = await Dnf.with(stdout)
      await dnf.install('deckle-hello')
      assert.deepEqual(await dnf.installed(), [
        'deckle-hello-1.1.0-1',
        'deckle-hello-data-1.1.0-1',
        'deckle-paper-2.0-3',
      ])
    },
  )

  test('mirrors plain files and prints how to get their list', async () => {
    const folder = await temporaryFolder()
    await writePlainFiles(folder, { 'a.iso': 'a disk' })
    const { feed } = await FolderUpstream.of(folder)
    const { code, stdout } = await run('mirror', feed, '--id', 'disks')
    assert.equal(code, 0)
    const url = `${server().url}/pulp/isos/disks/`
    assert.equal(stdout.trim(), `curl -f ${url}PULP_MANIFEST`)
    assert.equal((await fetchBytes(`${url}a.iso`)).toString(), 'a disk')
  })

  test('lists repositories for programs', async () => {
    const folder = await temporaryFolder()
    await writePlainFiles(folder, { one: 'one', two: 'two' })
    const { feed } = await FolderUpstream.of(folder)
    const mirrored = await run('mirror', feed, '--id', 'listed', '--json')
    assert.equal(JSON.parse(mirrored.stdout).added, 2)
    const { code, stdout } = await run('repo', 'list', '--json')
    assert.equal(code, 0)
    const listed = JSON.parse(stdout).find((repository: { id: string }) => repository.id === 'listed')
    assert.deepEqual(listed.content_unit_counts, { iso: 2 })
    assert.equal(listed.importers[0].config.feed, feed)
  })

  test('says that no server answers, and what to do', async () => {
    const url = await deadUrl()
    const { code, stdout, stderr } = await deckle(['repo', 'list'], { DECKLE_URL: url })
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(stderr, new RegExp(`^deckle: no Deckle server answers at ${url}.*npm start.*\\n$`))
  })

  test('says that a feed is no feed before it makes a repository', async () => {
    const { feed } = await FolderUpstream.of(await temporaryFolder())
    const unknown = await run('mirror', feed, '--id', 'nothing')
    assert.equal(unknown.code, 1)
    assert.match(unknown.stderr, /^deckle: the feed has neither .*repomd\.xml.*\n$/)
    const nonsense = await run('mirror', 'gopher://example.test/', '--id', 'nothing')
    assert.equal(nonsense.code, 2)
    assert.equal((await run('repo', 'show', 'nothing')).code, 1)
  })

  test('ends with an error and its reason when a sync fails', async () => {
    const folder = await temporaryFolder()
    await writePlainFiles(folder, { good: 'good', bad: 'bad' })
    const upstream = await FolderUpstream.of(folder)
    upstream.fail('bad', { status: 404 })
    const { code, stdout, stderr } = await run('mirror', upstream.feed, '--id', 'failing')
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /^deckle: .*bad.*404/m)
  })

  test('is let in by the token in the data folder of a server on this machine', async () => {
    const dataDir = server().dataDir
    const { code, stderr } = await deckle(['status'], { DECKLE_URL: server().url, DECKLE_DATA_DIR: dataDir })
    assert.equal(code, 0, stderr)
    const away = join(await temporaryFolder(), 'nothing')
    const refused = await deckle(['repo', 'list'], { DECKLE_URL: server().url, DECKLE_DATA_DIR: away })
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /DECKLE_TOKEN/)
  })
})
