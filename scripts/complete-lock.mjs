// Adds to package-lock.json the optional packages of other platforms that the registry in use did not have when the lock
// file was written. Without them `npm ci` calls the lock file out of sync, wherever it runs. They get no integrity, and
// npm never fetches them here: `os` and `cpu` rule them out. Run it after `npm install`.
import { readFileSync, writeFileSync } from 'node:fs'
import { inRoot } from './bootstrap/places.mjs'

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64']

const path = inRoot('package-lock.json')
const lock = JSON.parse(readFileSync(path, 'utf8'))
const missing = Object.entries(lock.packages).flatMap(([parent, entry]) => absentOptionals(parent, entry))
for (const { location, entry } of missing) lock.packages[location] = entry
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')))
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
process.stdout.write(missing.map(({ location }) => `added ${location}\n`).join(''))

function absentOptionals(parent, entry) {
  return Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => !isLocked(parent, name))
    .map(([name, version]) => ({
      location: `node_modules/${name}`,
      entry: sorted({
        version: exact(name, version),
        optional: true,
        ...(entry.dev ? { dev: true } : {}),
        ...platformOf(name),
      }),
    }))
}

/** As npm writes it: the version first, the rest by name. */
function sorted({ version, ...rest }) {
  return { version, ...Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))) }
}

/** A package is found in the node_modules of its parent or of a folder above. */
function isLocked(parent, name) {
  if (lock.packages[`${parent === '' ? '' : `${parent}/`}node_modules/${name}`] !== undefined) return true
  if (parent === '') return false
  return isLocked(parent.slice(0, Math.max(0, parent.lastIndexOf('/node_modules/'))), name)
}

function exact(name, version) {
  if (/^\d+\.\d+\.\d+[\w.-]*$/.test(version)) return version
  throw new Error(`${name} is wanted as ${version}: write its entry by hand`)
}

/** Packages of this kind are named for their platform: `@biomejs/cli-linux-arm64-musl`. */
function platformOf(name) {
  const words = name.split(/[-/]/)
  const os = systems.find((word) => words.includes(word))
  const cpu = processors.find((word) => words.includes(word))
  if (os === undefined && !words.includes('wasm32'))
    throw new Error(`${name} names no platform: write its entry by hand`)
  const libc = words.includes('musl') ? { libc: ['musl'] } : {}
  return { cpu: [cpu ?? 'wasm32'], ...libc, ...(os === undefined ? {} : { os: [os] }) }
}
