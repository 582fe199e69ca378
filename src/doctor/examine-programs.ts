import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { type Finding, ok, warning } from './finding.ts'

interface Program {
  readonly name: string
  /** Of Debian. */
  readonly package: string
  readonly purpose: string
}

/** Programs that Deckle uses where they are installed (DESIGN §2). */
const programs: readonly Program[] = [
  { name: 'xorriso', package: 'xorriso', purpose: 'exports as ISO images' },
  { name: 'bzip2', package: 'bzip2', purpose: 'metadata compressed with bzip2' },
]

export async function* examinePrograms(environment: NodeJS.ProcessEnv): AsyncGenerator<Finding> {
  const folders = (environment['PATH'] ?? '').split(delimiter)
  for (const program of programs) {
    const path = await find(program.name, folders)
    yield path === undefined ? missing(program) : ok(program.name, path)
  }
}

function missing({ name, package: debian, purpose }: Program): Finding {
  return warning(name, `is not installed, so ${purpose} are refused`, `apt install ${debian}, if you want them`)
}

async function find(name: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name)
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) return path
  }
  return undefined
}
