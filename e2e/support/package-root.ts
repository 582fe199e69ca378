import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { testFolder } from './servers.ts'

/** The root folder of a system that dnf may fill: nothing of this machine's packages comes in. */
export async function packageRoot(t: TestContext): Promise<string> {
  const root = await testFolder(t)
  await mkdir(join(root, 'etc/dnf'), { recursive: true })
  await writeFile(join(root, 'etc/dnf/dnf.conf'), '[main]\ngpgcheck=0\nplugins=0\nmetadata_expire=0\n')
  return root
}
