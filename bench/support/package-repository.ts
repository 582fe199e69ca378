import { randomBytes } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from './run-command.ts'

/**
 * Makes a repository of `count` real packages whose payload of `bytes` does not compress, by one rpmbuild of one spec with as many
 * subpackages, and createrepo_c. Returns its folder.
 */
export async function makePackageRepository(folder: string, count: number, bytes: number): Promise<string> {
  const data = join(folder, 'data')
  await mkdir(data, { recursive: true })
  for (let index = 0; index < count; index += 1) await writeFile(join(data, `f${index}`), randomBytes(bytes))
  const spec = join(folder, 'load.spec')
  await writeFile(spec, specText(count, data))
  const definitions = {
    _topdir: folder,
    _dbpath: join(folder, 'db'),
    _build_id_links: 'none',
    _binary_payload: 'w1.gzdio',
    __os_install_post: '%{nil}',
  }
  const defines = Object.entries(definitions).flatMap(([name, value]) => ['--define', `${name} ${value}`])
  await runCommand('rpmbuild', ['-bb', '--quiet', ...defines, spec])
  const repository = join(folder, 'repository')
  await rename(join(folder, 'RPMS', 'noarch'), repository)
  await runCommand('createrepo_c', ['--no-database', '--quiet', repository])
  return repository
}

function specText(count: number, data: string): string {
  const numbers = Array.from({ length: count }, (_, index) => index)
  const head = 'Name: load\nVersion: 1.0\nRelease: 1\nSummary: Load\nLicense: CC0-1.0\nBuildArch: noarch\n'
  const packages = numbers.map((n) => `%package -n load-${n}\nSummary: Load ${n}\n%description -n load-${n}\nLoad.\n`)
  const install = `%install\nmkdir -p %{buildroot}/usr/share\ncp -r ${data} %{buildroot}/usr/share/load\n`
  const files = numbers.map((n) => `%files -n load-${n}\n/usr/share/load/f${n}\n`)
  return `${head}%description\nLoad.\n${packages.join('')}${install}${files.join('')}`
}
