import { createHash } from 'node:crypto'
import { copyFile, cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { clientPath } from '../../src/testing/clients.ts'
import { succeed } from './programs.ts'

/** A package to be built: `noarch`, with files below `/usr/share/<name>/` and no scripts. */
export interface PackageSpec {
  readonly name: string
  readonly version?: string
  readonly release?: string
  readonly epoch?: number
  readonly requires?: readonly string[]
  readonly provides?: readonly string[]
  /** Size of its one big file of random bytes; the package is a little larger. */
  readonly bytes?: number
}

export function fileNameOf({ name, version = '1.0', release = '1' }: PackageSpec): string {
  return `${name}-${version}-${release}.noarch.rpm`
}

/** Builds packages into `folder`; those of one name must differ in version. One run of rpmbuild serves thousands. */
export async function buildPackages(folder: string, packages: readonly PackageSpec[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (let left = packages; left.length > 0; ) {
    const firsts = new Map(left.toReversed().map((spec) => [spec.name, spec]))
    await buildOnce(folder, [...firsts.values()])
    left = left.filter((spec) => firsts.get(spec.name) !== spec)
  }
}

/** Copies built packages to where an upstream has them, with their times, which stand in its metadata. */
export async function copyPackages(from: string, to: string, packages: readonly PackageSpec[]): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const name of packages.map(fileNameOf)) {
    await cp(join(from, name), join(to, name), { preserveTimestamps: true })
  }
}

/** In one spec a name can stand only once. */
async function buildOnce(folder: string, packages: readonly PackageSpec[]): Promise<void> {
  const top = join(folder, '.build')
  await writeTree(join(top, 'tree'), packages)
  await writeFile(join(top, 'all.spec'), specFile(packages, join(top, 'tree')))
  await succeed(clientPath('rpmbuild'), ['-bb', '--quiet', ...definitions(top), join(top, 'all.spec')])
  const built = join(top, 'RPMS/noarch')
  for (const name of await readdir(built)) await copyFile(join(built, name), join(folder, name))
  await rm(top, { recursive: true })
}

async function writeTree(tree: string, packages: readonly PackageSpec[]): Promise<void> {
  for (const spec of packages) {
    const path = join(tree, 'usr/share', spec.name, 'data')
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, noise(fileNameOf(spec), spec.bytes ?? 512))
    await writeFile(join(dirname(path), `read me (${spec.version ?? '1.0'}).txt`), `${spec.name}: <&> grün\n`)
  }
}

/** Bytes that do not compress, the same for the same seed. */
function noise(seed: string, length: number): Buffer {
  return createHash('shake256', { outputLength: length }).update(seed).digest()
}

function definitions(top: string): string[] {
  const values = {
    _topdir: top,
    _dbpath: join(top, 'db'),
    _build_id_links: 'none',
    _binary_payload: 'w1.gzdio',
    __os_install_post: '%{nil}',
  }
  return Object.entries(values).flatMap(([name, value]) => ['--define', `${name} ${value}`])
}

function specFile(packages: readonly PackageSpec[], tree: string): string {
  const head = ['Name: e2e', 'Version: 1', 'Release: 1', 'Summary: Not built', 'License: MIT', 'BuildArch: noarch']
  const install = ['%install', `mkdir -p %{buildroot}`, `cp -a ${tree}/. %{buildroot}/`]
  return [...head, '%description', 'Not built.', ...packages.flatMap(subPackage), ...install, ''].join('\n')
}

function subPackage({ name, version = '1.0', release = '1', ...spec }: PackageSpec): string[] {
  return [
    `%package -n ${name}`,
    `Version: ${version}`,
    `Release: ${release}`,
    ...(spec.epoch === undefined ? [] : [`Epoch: ${spec.epoch}`]),
    `Summary: The package ${name} <&> "more"`,
    ...(spec.requires ?? []).map((requirement) => `Requires: ${requirement}`),
    ...(spec.provides ?? []).map((capability) => `Provides: ${capability}`),
    `%description -n ${name}`,
    `What ${name} is for.`,
    `%files -n ${name}`,
    `/usr/share/${name}`,
  ]
}
