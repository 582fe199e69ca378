import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clientPath } from '../../src/testing/clients.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { type Outcome, runProgram, sortedLines, succeed } from './programs.ts'

/** dnf with a root, a configuration and a cache of its own, so that nothing of this machine's packages comes in. */
export class Dnf {
  readonly root: string

  private constructor(root: string) {
    this.root = root
  }

  /** With one repository, `m`, at `url`; removed when the test ends. */
  static at(url: string): Promise<Dnf> {
    return Dnf.with(`[m]\nname=m\nbaseurl=${url}\nenabled=1\ngpgcheck=0\n`)
  }

  /** With the text of a `.repo` file. */
  static async with(repositoryFile: string): Promise<Dnf> {
    const root = await temporaryFolder()
    await mkdir(join(root, 'etc/yum.repos.d'), { recursive: true })
    await writeFile(join(root, 'etc/yum.repos.d/m.repo'), repositoryFile)
    await writeFile(join(root, 'dnf.conf'), configuration(root))
    return new Dnf(root)
  }

  run(...args: string[]): Promise<Outcome> {
    return runProgram(clientPath('dnf'), this.#arguments(args))
  }

  async install(...packages: string[]): Promise<void> {
    await succeed(clientPath('dnf'), this.#arguments(['install', ...packages]))
  }

  async upgrade(): Promise<void> {
    await succeed(clientPath('dnf'), this.#arguments(['upgrade']))
  }

  /** Sorted lines of what dnf answers. */
  async repoquery(...args: string[]): Promise<string[]> {
    const { stdout } = await succeed(clientPath('dnf'), this.#arguments(['--quiet', 'repoquery', ...args]))
    return sortedLines(stdout)
  }

  /** Copies the repository with its metadata into `folder`; dnf checks all checksums. */
  async reposync(folder: string): Promise<void> {
    const args = ['reposync', '--download-metadata', '--norepopath', '--download-path', folder]
    await succeed(clientPath('dnf'), this.#arguments(args))
  }

  /** `name-version-release` of what is installed below its root. */
  async installed(): Promise<string[]> {
    const args = ['--root', this.root, '-qa', '--qf', '%{NAME}-%{VERSION}-%{RELEASE}\\n']
    return sortedLines((await succeed(clientPath('rpm'), args)).stdout)
  }

  #arguments(args: readonly string[]): string[] {
    const root = [`--installroot=${this.root}`, '-c', join(this.root, 'dnf.conf'), '--releasever=1']
    // Debian's plugin `local` would offer every package that this machine has ever installed. `--refresh`: within one second
    // dnf takes nothing for expired.
    return ['--disableplugin=local', '--refresh', ...root, '--setopt=install_weak_deps=0', '-y', ...args]
  }
}

/** What clients may ask about a package, but for where it lies; equal answers mean equal metadata. */
const questions = [
  ...['evr', 'size', 'source_name', 'debug_name', 'source_debug_name', 'hdr_end', 'medianr', 'chksum'],
  ...['regular_requires', 'requires_pre', 'prereq_ignoreinst'],
  ...['name', 'epoch', 'version', 'release', 'arch', 'summary', 'description', 'license', 'group', 'packager', 'url'],
  ...['vendor', 'sourcerpm', 'buildtime', 'downloadsize', 'installsize'],
  ...['requires', 'provides', 'conflicts', 'obsoletes', 'recommends', 'suggests', 'supplements', 'enhances', 'files'],
]

/** All that dnf knows of the packages of its repository. */
export function answersOf(dnf: Dnf): Promise<string[]> {
  const format = questions.map((question) => `%{${question}}`).join('|')
  return dnf.repoquery('--qf', format)
}

function configuration(root: string): string {
  return `[main]
gpgcheck=0
skip_if_unavailable=0
reposdir=${root}/etc/yum.repos.d
cachedir=/var/cache/dnf
persistdir=/var/lib/dnf
logdir=/var/log
pluginpath=/usr/lib/python3/dist-packages/dnf-plugins
retries=1
timeout=10
minrate=1
metadata_expire=0
max_parallel_downloads=4
`
}
