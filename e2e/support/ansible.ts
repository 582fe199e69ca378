import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clientPath } from '../../src/testing/clients.ts'
import { adminPassword, type DeckleServer, plainEnvironment } from './deckle-server.ts'
import { type Outcome, runProgram } from './programs.ts'
import { newFolder, removeFolder } from './servers.ts'

/** What a playbook came to. */
export interface Play {
  readonly changed: number
  readonly ok: number
  readonly failures: number
  /** What the modules answered, in order. */
  readonly results: readonly Readonly<Record<string, unknown>>[]
}

type Parameters = Readonly<Record<string, unknown>>

/** Runs `community.general.pulp_repo` once for each set of parameters against a server, over plain HTTP with Basic auth. */
export async function runPulpRepo(server: DeckleServer, calls: readonly Parameters[], check = false): Promise<Play> {
  const access = {
    pulp_host: server.url,
    url_username: 'admin',
    url_password: adminPassword,
    force_basic_auth: true,
    repo_type: 'rpm',
  }
  const tasks = calls.map((parameters) => ({ 'community.general.pulp_repo': { ...access, ...parameters } }))
  const folder = await newFolder()
  try {
    // It need not look for a Python, which takes processes of its own.
    const vars = { ansible_python_interpreter: '{{ ansible_playbook_python }}' }
    const play = { hosts: 'localhost', connection: 'local', gather_facts: false, vars, tasks }
    await writeFile(join(folder, 'play.yml'), JSON.stringify([play]))
    return readPlay(await runPlaybook(folder, check))
  } finally {
    await removeFolder(folder)
  }
}

function runPlaybook(folder: string, check: boolean): Promise<Outcome> {
  const env = {
    ...plainEnvironment(),
    HOME: folder,
    ANSIBLE_HOME: join(folder, 'ansible'),
    ANSIBLE_STDOUT_CALLBACK: 'ansible.posix.json',
    ANSIBLE_LOCALHOST_WARNING: 'false',
    ANSIBLE_PIPELINING: 'true',
    LC_ALL: 'C.UTF-8',
  }
  const args = ['--inventory', 'localhost,', ...(check ? ['--check'] : []), join(folder, 'play.yml')]
  return runProgram(clientPath('ansible-playbook'), args, { env, cwd: folder })
}

interface Report {
  readonly stats: { readonly localhost: { readonly changed: number; readonly ok: number; readonly failures: number } }
  readonly plays: readonly {
    readonly tasks: readonly { readonly hosts: { readonly localhost: Readonly<Record<string, unknown>> } }[]
  }[]
}

function readPlay({ stdout, stderr }: Outcome): Play {
  const start = stdout.indexOf('{')
  if (start < 0) throw new Error(`ansible-playbook reported nothing:\n${stdout}\n${stderr}`)
  const { stats, plays } = JSON.parse(stdout.slice(start)) as Report
  const results = plays.flatMap(({ tasks }) => tasks.map(({ hosts }) => hosts.localhost))
  const { changed, ok, failures } = stats.localhost
  return { changed, ok, failures, results }
}
