import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inRoot } from '../bootstrap/places.mjs'

const largest = 16

/** The line by which a unit test asks for a process of its own, with its reason. */
const ownProcess = /^\/\/ Runs in a process of its own: \w/m

/** What others in the same process would feel: whoever does it has to ask for one of its own. */
const felt = /\bmock\.timers\b|\bmemoryUsage\b|\bprocess\.(?:chdir|umask|on|once)\(/

/**
 * Calls `work` with the files that `node --test` is to run, each in a process: the files of e2e and scripts as they are, and neighbours
 * in src as one file that imports them, since most of them take far less CPU than a process with what they import. Each remains a
 * suite of its own, with its hooks.
 */
export async function withGroups(files, work) {
  const together = await whichOf(
    files,
    async (file) => isUnit(file) && !wantsOwnProcess(file, await readFile(file, 'utf8')),
  )
  const others = files.filter((file) => !together.includes(file))
  const folder = await mkdtemp(join(tmpdir(), 'deckle-test-groups-'))
  try {
    const groups = await Promise.all(chunks(together).map((group, index) => writeGroup(folder, index, group)))
    return await work([...groups, ...others])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function isUnit(file) {
  return file.startsWith('src/')
}

/** Whether a test with this text asks for a process of its own. Throws when it needs one and does not ask. */
export function wantsOwnProcess(file, text) {
  if (ownProcess.test(text)) return true
  const [what] = felt.exec(text) ?? []
  if (what === undefined) return false
  throw new Error(`${file}: for \`${what}\` it needs the line \`// Runs in a process of its own: <why>\``)
}

async function whichOf(files, test) {
  const verdicts = await Promise.all(files.map(test))
  return files.filter((_, index) => verdicts[index])
}

function chunks(files) {
  const count = Math.ceil(files.length / largest)
  return Array.from({ length: count }, (_, index) =>
    files.slice((index * files.length) / count, ((index + 1) * files.length) / count),
  )
}

async function writeGroup(folder, index, files) {
  if (files.length === 1) return files[0]
  const path = join(folder, `group-${index + 1}.test.mjs`)
  const suites = files.map((file) => {
    const url = pathToFileURL(inRoot(file)).href
    return `describe(${JSON.stringify(file)}, async () => {\n  await import(${JSON.stringify(url)})\n})`
  })
  await writeFile(path, ["import { describe } from 'node:test'", ...suites, ''].join('\n'))
  return path
}
