import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clientPath } from '../../src/testing/clients.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { type Outcome, succeed } from './programs.ts'

/** zypper with a root of its own, removed when the test ends. */
export class Zypper {
  readonly root: string

  private constructor(root: string) {
    this.root = root
  }

  /** With one repository, `m`, at `url`. */
  static async at(url: string): Promise<Zypper> {
    const zypper = new Zypper(await temporaryFolder())
    await zypper.run('addrepo', '--no-gpgcheck', url, 'm')
    return zypper
  }

  run(...args: string[]): Promise<Outcome> {
    return this.#run(args, {})
  }

  /** Runs it and returns what its library has logged. */
  async logOf(...args: string[]): Promise<string> {
    const log = join(await temporaryFolder(), 'log')
    await this.#run(args, { ZYPP_LOGFILE: log })
    return readFile(log, 'utf8')
  }

  /** What is installed below its root, as `rpm` tells it, sorted. */
  async installed(format = '%{NAME}'): Promise<readonly string[]> {
    const args = ['--root', this.root, '-qa', '--qf', `${format} `]
    return (await succeed(clientPath('rpm'), args)).stdout.trim().split(' ').sort()
  }

  /** What it has understood of the deltas of a repository; `dumpsolv` comes with the library of zypper. */
  async deltasOf(repository: string): Promise<string> {
    const cache = join(this.root, 'var/cache/zypp/solv', repository, 'solv')
    const { stdout } = await succeed('dumpsolv', [cache])
    return /^repository:deltainfo:\n((?: .*\n)*)/m.exec(stdout)?.[1] ?? ''
  }

  #run(args: readonly string[], more: Readonly<Record<string, string>>): Promise<Outcome> {
    const all = ['--root', this.root, '--non-interactive', ...args]
    const env = Object.entries({ ...process.env, ...more }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    )
    return succeed(clientPath('zypper'), all, { env: Object.fromEntries(env) })
  }
}
