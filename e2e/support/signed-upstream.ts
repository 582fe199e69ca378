import { join } from 'node:path'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { Dnf } from './dnf.ts'
import { writeMetadata } from './repository-metadata.ts'
import { buildPackages, fileNameOf } from './rpm-packages.ts'
import { makeSigningKey, publicKeyOf, signPackage } from './signed-packages.ts'

/** The package of a signed upstream. */
export const bear = { name: 'bear' }

/** A host that takes neither packages nor metadata without a signature by one of these keys. */
export function strictHost(url: string, keys: readonly string[]): Promise<Dnf> {
  const checks = 'gpgcheck=1\nrepo_gpgcheck=1\n'
  return Dnf.with(`[m]\nname=m\nbaseurl=${url}\nenabled=1\n${checks}gpgkey=${keys.join('\n       ')}\n`)
}

/** A package that somebody has signed, below a feed. */
export async function signedUpstream() {
  const [folder, key] = [await temporaryFolder(), await makeSigningKey('rsa2048')]
  await buildPackages(folder, [bear])
  await signPackage(join(folder, fileNameOf(bear)), key)
  await writeMetadata(folder)
  return { folder, key, gpgkey: await publicKeyOf(key) }
}
