import { toErrorReport } from '../core/errors.ts'
import { maskUrlPasswords } from '../core/secrets.ts'
import { blobFolder } from '../server/compose.ts'
import { type Config, readConfig } from '../server/config.ts'
import { examineBlobs } from './examine-blobs.ts'
import { examineDatabase } from './examine-database.ts'
import { examineFolders } from './examine-folders.ts'
import { examinePrograms } from './examine-programs.ts'
import { examineServer } from './examine-server.ts'
import { examineTls } from './examine-tls.ts'
import { findDatabase } from './find-database.ts'
import { type Finding, ok, problem } from './finding.ts'

export interface ExamineOptions {
  readonly environment: NodeJS.ProcessEnv
  /** Every stored file is read, not a sample. */
  readonly verify: boolean
}

const oldestNode = 24

/** Looks at everything that a server with these settings needs; changes nothing and starts nothing. Findings come as they are made. */
export async function* examine(options: ExamineOptions): AsyncGenerator<Finding> {
  for await (const finding of examineAll(options)) {
    const { message, remedy, ...rest } = finding
    const masked = { ...rest, message: maskUrlPasswords(message) }
    yield remedy === undefined ? masked : { ...masked, remedy: maskUrlPasswords(remedy) }
  }
}

async function* examineAll({ environment, verify }: ExamineOptions): AsyncGenerator<Finding> {
  yield examineNode()
  const config = settingsOf(environment)
  if ('check' in config) return yield config
  yield ok('settings', `${config.given.size} are given and valid`)
  yield* examinePrograms(environment)
  yield* examineFolders(config)
  yield* examineTls(config)
  yield* examineServer(config, environment)
  const database = await findDatabase(config)
  if ('check' in database) return yield database
  yield* examineDatabase(config, database.url)
  yield* examineBlobs(blobFolder(config), database.url, verify)
}

function examineNode(): Finding {
  const version = process.versions.node
  if (Number.parseInt(version, 10) >= oldestNode) return ok('Node', version)
  return problem(
    'Node',
    `${version} is too old`,
    `run Deckle with Node ${oldestNode} or later; \`npm start\` brings it along`,
  )
}

function settingsOf(environment: NodeJS.ProcessEnv): Config | Finding {
  try {
    return readConfig(environment)
  } catch (error) {
    return problem('settings', toErrorReport(error).message, 'correct them; docs/guide.md lists all settings')
  }
}
