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
    return succeed(clientPath('zypper'), ['--root', this.root, '--non-interactive', ...args])
  }
}
