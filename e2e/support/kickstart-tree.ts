import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { clientPath } from '../../src/testing/clients.ts'
import { succeed } from './programs.ts'
import { sha256 } from './published.ts'

/** Files of a tree: an installer's kernel, its two images, one of which nobody states a checksum of, and one for UEFI. */
export const bootFiles = [
  'images/pxeboot/vmlinuz',
  'images/pxeboot/initrd.img',
  'images/install.img',
  'EFI/BOOT/BOOTX64.EFI',
] as const
const unstated: string = bootFiles[1]

export interface TreeForm {
  /** `.treeinfo` or `treeinfo`; the former by default. */
  readonly name?: string
  readonly version?: string
  /** As productmd writes it, or as was done before; the former by default. */
  readonly old?: boolean
  /** Where the treeinfo says that packages lie; default `Packages`. */
  readonly packageFolder?: string
  /** Sections of variants and addons besides, and further checksums, by path. */
  readonly sections?: string
  readonly listed?: readonly string[]
}

/** Makes a repository the tree of an installer; returns the paths of all files that a mirror of it must have. */
export async function writeTree(folder: string, form: TreeForm = {}): Promise<readonly string[]> {
  for (const path of bootFiles) await writeBelow(folder, path, randomBytes(100_000))
  const name = form.name ?? '.treeinfo'
  await writeBelow(folder, name, await treeInfo(folder, form))
  return [name, ...bootFiles]
}

/** Adds a file of its own form, which lists further ones of the tree. */
export async function writeFurtherFile(folder: string, path: string): Promise<readonly string[]> {
  await writeBelow(folder, path, Buffer.from('Enjoy the animals.\n'))
  const name = 'PULP_DISTRIBUTION.xml'
  await writeBelow(folder, name, Buffer.from(`<pulp_distribution version="1"><file>${path}</file></pulp_distribution>`))
  return [name, path]
}

async function writeBelow(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), bytes)
}

async function treeInfo(folder: string, form: TreeForm): Promise<Buffer> {
  const { version = '8.4', old = false, packageFolder = 'Packages', sections = '', listed = [] } = form
  const checksums: string[] = []
  for (const path of [...bootFiles, 'repodata/repomd.xml', ...listed]) {
    if (path !== unstated) checksums.push(`${path} = sha256:${sha256(await readFile(join(folder, path)))}`)
  }
  const header = `[header]\ntype = productmd.treeinfo\nversion = 1.2\n\n[release]\nname = Zoo\nshort = Zoo\nversion = ${version}\n
[tree]\narch = x86_64\nbuild_timestamp = 1617641018\nplatforms = x86_64,xen\nvariants = Animals\n
[variant-Animals]\nid = Animals\nrepository = .\npackages = ${packageFolder}\n\n${sections}`
  const general = `[general]\n; WARNING.0 = This section provides compatibility with pre-productmd treeinfos.
family = Zoo\nvariant = Animals\nversion = ${version}\narch = x86_64\ntimestamp = 1617641018.5\npackagedir = ${packageFolder}\n`
  const [kernel, initrd, image] = bootFiles
  const files = `[images-x86_64]\nkernel = ${kernel}\ninitrd = ${initrd}\n\n[stage2]\nmainimage = ${image}\n`
  const text = `${old ? '' : header}${general}\n${files}\n[checksums]\n${checksums.join('\n')}\n`
  return Buffer.from(text)
}

/** The mirror has its own repomd.xml, so that the checksum of upstream's is not told. */
export function withoutRepomd(treeInfo: Buffer): Buffer {
  const text = treeInfo.toString()
  assert.match(text, /^repodata\/repomd\.xml = /m)
  return Buffer.from(text.replace(/^repodata\/repomd\.xml = .*\n/m, ''))
}

/** What an installer does before it starts: reads the treeinfo, then fetches what it boots, and checks it. */
const installer = `
import configparser, hashlib, sys, urllib.error, urllib.request
def fetch(path):
    with urllib.request.urlopen(sys.argv[1] + path) as answer: return answer.read()
try: text = fetch('.treeinfo')
except urllib.error.HTTPError: text = fetch('treeinfo')
tree = configparser.RawConfigParser()
tree.optionxform = str
tree.read_string(text.decode())
section = 'images-' + tree.get('general', 'arch')
for path in [tree.get(section, 'kernel'), tree.get(section, 'initrd'), tree.get('stage2', 'mainimage')]:
    content = fetch(path)
    if tree.has_option('checksums', path):
        kind, digest = tree.get('checksums', path).split(':')
        if hashlib.new(kind, content).hexdigest() != digest: sys.exit(path + ' has another checksum')
    print(path, len(content))
`

/** Lines of the files that an installer fetched, each with its size. Throws when one is not as the treeinfo says. */
export async function bootedFrom(url: string): Promise<readonly string[]> {
  const { stdout } = await succeed(clientPath('python3'), ['-c', installer, url])
  return stdout.trim().split('\n')
}

/** What a treeinfo promises: files with these checksums, repositories, and packages in their folders. Prints each that holds. */
const inspector = `
import configparser, hashlib, re, sys, urllib.error, urllib.parse, urllib.request
def fetch(path):
    with urllib.request.urlopen(urllib.parse.urljoin(sys.argv[1], path)) as answer: return answer.read()
tree = configparser.RawConfigParser()
tree.optionxform = str
tree.read_string(fetch('.treeinfo').decode())
for path, checksum in tree.items('checksums'):
    kind, digest = checksum.split(':')
    if hashlib.new(kind, fetch(path)).hexdigest() != digest: sys.exit(path + ' has another checksum')
    print('file', path)
def packages(folder):
    for name in sys.argv[2:]:
        for path in [name, name[0] + '/' + name]:
            try: fetch(folder.rstrip('/') + '/' + path)
            except urllib.error.HTTPError: continue
            return print('packages', folder)
    sys.exit('no packages in ' + folder)
for section in tree.sections():
    if not re.match('(variant|addon)-', section): continue
    repository = tree.get(section, 'repository')
    fetch(repository.rstrip('/') + '/repodata/repomd.xml')
    print('repository', repository)
    if tree.has_option(section, 'packages'): packages(tree.get(section, 'packages'))
packages(tree.get('general', 'packagedir'))
`

/** Lines of what a treeinfo names and a client finds there: in each folder of packages one of these. Throws when something is not as it says. */
export async function promisesOf(url: string, ...packages: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await succeed(clientPath('python3'), ['-c', inspector, url, ...packages])
  return stdout.trim().split('\n')
}
