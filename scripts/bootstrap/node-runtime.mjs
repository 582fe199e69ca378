import { execFileSync } from 'node:child_process'
import { accessSync, constants, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { withLock } from './lock.mjs'
import { npmCi } from './npm.mjs'
import { inRoot } from './places.mjs'
import { BootstrapError, step } from './say.mjs'

const neededMajor = 24
const platform = `${process.platform}-${process.arch}`
const provided = ['linux-x64', 'linux-arm64']

/**
 * The path of a Node that Deckle can run on: this one if it is new enough, otherwise the one pinned in `runtime/`, which
 * is installed when missing (docs/decisions/node-runtime.md).
 * @returns {Promise<string>}
 */
export async function ensureNode() {
  if (Number.parseInt(process.versions.node, 10) >= neededMajor) return process.execPath
  const version = JSON.parse(readFileSync(inRoot('runtime', 'package.json'), 'utf8')).version
  const candidates = [inRoot('runtime'), cacheFolder(version)]
  const ready = candidates.find((folder) => installedVersion(folder) === version)
  if (ready !== undefined) return nodeIn(ready)
  if (!provided.includes(platform)) throw new BootstrapError(`${tooOld()}; there is no package of it for ${platform}`)
  const folder = isWritable(candidates[0]) ? candidates[0] : candidates[1]
  await install(folder, version)
  return nodeIn(folder)
}

function install(folder, version) {
  return withLock(`${folder}/.installing`, async () => {
    if (installedVersion(folder) === version) return
    copyLockFile(folder)
    await step(`installing Node ${version} in ${folder}`, tooOld(), () => npmCi(folder))
    requireThatItRuns(nodeIn(folder))
  })
}

function tooOld() {
  return `Deckle needs Node ${neededMajor} or newer, this is ${process.version}`
}

function nodeIn(folder) {
  return join(folder, 'node_modules', `node-${platform}`, 'bin', 'node')
}

function installedVersion(folder) {
  if (!existsSync(nodeIn(folder))) return undefined
  return JSON.parse(readFileSync(join(nodeIn(folder), '..', '..', 'package.json'), 'utf8')).version
}

/** For a package folder that belongs to somebody else, as after `npm install --global` by root. */
function cacheFolder(version) {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return join(base, 'deckle', `runtime-${version}`)
}

function copyLockFile(folder) {
  if (folder === inRoot('runtime')) return
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(inRoot('runtime', name), join(folder, name))
}

function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** The package is built for glibc; on Alpine, for example, it is installed and cannot start. */
function requireThatItRuns(node) {
  try {
    execFileSync(node, ['--version'], { stdio: 'ignore' })
  } catch (error) {
    throw new BootstrapError(
      `${tooOld()}, and ${node} does not run here (${error.message}): install Node ${neededMajor}`,
    )
  }
}
