import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readPackageHead } from '../src/formats/rpm/package-head.ts'
import { signingKey } from '../src/formats/rpm/signing-key.ts'
import { rpmFile } from '../src/testing/rpm-file.ts'
import { temporaryFolder } from '../src/testing/temporary-folder.ts'
import { requireClients } from './support/clients.ts'
import { buildOddPackages } from './support/odd-packages.ts'
import { readElements, writtenElements } from './support/package-elements.ts'
import { anyPackage } from './support/random-packages.ts'
import { writeMetadata } from './support/repository-metadata.ts'
import { buildPackages, fileNameOf } from './support/rpm-packages.ts'
import { makeSigningKey, signPackage } from './support/signed-packages.ts'

describe('the metadata that is made of a package file', () => {
  it('is what createrepo_c makes of it', requireClients('rpmbuild', 'createrepo_c'), async () => {
    const folder = await temporaryFolder()
    await buildOddPackages(folder)
    await buildPackages(folder, [{ name: 'plain', epoch: 1, requires: ['other >= 1'], provides: ['virtual = 2'] }])
    await writeMetadata(folder)
    const files = (await readdir(folder)).filter((name) => name.endsWith('.rpm'))
    assert.ok(files.length >= 11, files.join(' '))
    const written = await writtenElements(folder)
    for (const name of files) {
      const { checksum, elements } = await readElements(join(folder, name))
      assert.deepEqual(elements, written.get(checksum), name)
    }
  })

  it('is that also for headers that no rpmbuild would write', requireClients('createrepo_c'), async () => {
    const numRuns = process.env['DECKLE_TEST_LONG'] === '1' ? 5000 : 150
    const { seed = Date.now() } = fc.readConfigureGlobal()
    const folder = await temporaryFolder()
    for (const [at, options] of fc.sample(anyPackage(), { numRuns, seed }).entries()) {
      await writeFile(join(folder, `${at}.rpm`), rpmFile({ ...options, payload: Buffer.from(`payload ${at}`) }))
    }
    await writeMetadata(folder)
    const written = await writtenElements(folder)
    for (let at = 0; at < numRuns; at++) {
      const { checksum, elements } = await readElements(join(folder, `${at}.rpm`))
      assert.deepEqual(elements, written.get(checksum), `package ${at} of seed ${seed}`)
    }
  })

  it('names the key that the package was signed with', requireClients('rpmbuild', 'rpm', 'gpg'), async () => {
    const folder = await temporaryFolder()
    const spec = { name: 'signed' }
    const path = join(folder, fileNameOf(spec))
    for (const algorithm of ['rsa2048', 'ed25519']) {
      await buildPackages(folder, [spec])
      assert.equal(await keyOf(path), undefined)
      const key = await makeSigningKey(algorithm)
      await signPackage(path, key)
      assert.equal(await keyOf(path), key.id, algorithm)
    }
  })
})

async function keyOf(path: string): Promise<string | undefined> {
  return signingKey((await readPackageHead(createReadStream(path))).signature)
}
