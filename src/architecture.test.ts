import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, it } from 'node:test'

/**
 * Who may import whom. When this fails, first ask whether the code is in the right folder; adding a row comes last.
 * Folders are matched by their longest prefix. Every folder may import itself and node's own modules.
 */
const mayImport: Readonly<
  Record<string, { readonly folders: readonly string[]; readonly packages: readonly string[] }>
> = {
  core: { folders: [], packages: [] },
  formats: {
    folders: ['core'],
    packages: [
      'js-yaml',
      'saxes',
      'lzma-native',
      'tar-stream',
      'unbzip2-stream/lib/bit_iterator.js',
      'unbzip2-stream/lib/bzip2.js',
    ],
  },
  plugins: { folders: ['core', 'plugins/demo', 'plugins/files', 'plugins/harness', 'plugins/rpm'], packages: [] },
  'plugins/demo': { folders: ['core'], packages: [] },
  'plugins/harness': { folders: ['core'], packages: [] },
  'plugins/files': { folders: ['core', 'formats'], packages: [] },
  'plugins/rpm': { folders: ['core', 'formats'], packages: [] },
  blobs: { folders: ['core'], packages: [] },
  download: { folders: ['core'], packages: ['undici'] },
  sources: { folders: ['core', 'formats'], packages: [] },
  notifiers: { folders: ['core', 'download'], packages: ['undici', 'nodemailer'] },
  exports: {
    folders: ['core', 'blobs/disk-error.ts', 'blobs/durability.ts', 'blobs/file-writer.ts', 'blobs/in-parallel.ts'],
    packages: [],
  },
  uploads: {
    folders: ['core', 'blobs/disk-error.ts', 'blobs/durability.ts', 'blobs/write-all.ts'],
    packages: [],
  },
  database: { folders: ['core'], packages: ['pg', 'pg-copy-streams', 'pg-cursor', 'kysely', 'kysely/migration'] },
  certificates: { folders: ['core'], packages: ['@peculiar/x509', 'reflect-metadata'] },
  signing: { folders: ['core'], packages: ['openpgp'] },
  tasks: { folders: ['core'], packages: [] },
  operations: { folders: ['core'], packages: [] },
  wire: { folders: [], packages: ['typebox'] },
  'http/kit': { folders: ['core'], packages: ['fastify'] },
  'http/pulp': { folders: ['core', 'operations', 'wire', 'http/kit'], packages: ['fastify', 'typebox'] },
  'http/rancher': { folders: ['core', 'wire', 'http/kit'], packages: [] },
  'http/content': { folders: ['core', 'operations', 'http/kit'], packages: [] },
  'http/agents': { folders: ['core', 'operations/rollouts', 'wire/agent'], packages: ['ws'] },
  'http/operations': { folders: ['core', 'http/kit'], packages: ['prom-client'] },
  clients: { folders: ['core', 'wire'], packages: [] },
  // No other packages: everything here is loaded on every host.
  agent: { folders: ['core', 'wire/agent'], packages: ['ws'] },
  places: { folders: [], packages: [] },
  doctor: { folders: ['core', 'blobs', 'certificates', 'database', 'operations', 'server'], packages: [] },
  cli: {
    folders: [
      'core',
      'agent/agent-process.ts',
      'clients',
      'doctor',
      'places',
      'wire',
      'server/main.ts',
      'server/small-heap.ts',
      'server/backup.ts',
      'server/backup-restore.ts',
    ],
    packages: ['commander'],
  },
  server: {
    folders: [
      'core',
      'blobs',
      'certificates',
      'clients',
      'database',
      'download',
      'exports',
      'formats',
      'http',
      'notifiers',
      'operations',
      'places',
      'plugins',
      'signing',
      'sources',
      'tasks',
      'uploads',
      'wire',
    ],
    packages: ['pino', 'js-yaml'],
  },
}

interface Import {
  readonly from: string
  readonly to: string
}

const source = import.meta.dirname
const isTest = (path: string) => path.endsWith('.test.ts') || path.startsWith('testing/')
const modules = globSync('**/*.ts', { cwd: source }).filter((path) => !isTest(path))
const statement =
  /^(?:import|export)\b[^'"();=]*?\bfrom\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm

/** Imports of types, and those that wait for their moment. */
const lazy = /^(?:import|export) type\b[^'"]*['"][^'"]+['"]|\bimport\(\s*['"][^'"]+['"]/gm

function importsOf(path: string): readonly Import[] {
  return importsIn(readFileSync(join(source, path), 'utf8'), path)
}

function importsIn(text: string, path: string): readonly Import[] {
  return [...text.matchAll(statement)].map((match) => {
    const to = match[1] ?? match[2] ?? match[3] ?? ''
    return { from: path, to: to.startsWith('.') ? normalize(join(dirname(path), to)) : to }
  })
}

function ruleFor(path: string): string | undefined {
  return Object.keys(mayImport)
    .filter((folder) => path.startsWith(`${folder}/`))
    .sort((left, right) => right.length - left.length)[0]
}

function isAllowed({ from, to }: Import): boolean {
  const folder = ruleFor(from)
  const rule = mayImport[folder ?? '']
  if (folder === undefined || rule === undefined) return false
  if (!to.endsWith('.ts')) return to.startsWith('node:') || rule.packages.includes(to)
  const own = ruleFor(to) === folder
  return own || rule.folders.some((allowed) => to === allowed || to.startsWith(`${allowed}/`))
}

/** Everything that is in memory once a module of the server was imported. */
function loadedWith(entry: string): ReadonlySet<string> {
  const loaded = new Set<string>()
  const load = (path: string) => {
    if (loaded.has(path)) return
    loaded.add(path)
    if (!path.endsWith('.ts')) return
    const text = readFileSync(join(source, path), 'utf8')
    for (const { to } of importsIn(text.replaceAll(lazy, ''), path)) load(to)
  }
  load(normalize(`server/${entry}`))
  return loaded
}

/** The first cycle that a walk from `start` closes. */
function findCycle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>()
  const walk = (node: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node]
    if (done.has(node)) return undefined
    for (const next of graph.get(node) ?? []) {
      const cycle = walk(next, [...path, node])
      if (cycle !== undefined) return cycle
    }
    done.add(node)
    return undefined
  }
  for (const node of graph.keys()) {
    const cycle = walk(node, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}

describe('architecture', () => {
  const imports = modules.flatMap(importsOf)

  it('sees the whole program', () => {
    assert.ok(modules.length >= 120, `only ${modules.length} modules were seen`)
    assert.ok(imports.length >= 400, `only ${imports.length} imports were seen`)
  })

  it('imports only what the table allows', () => {
    const wrong = imports
      .filter((entry) => entry.to !== '../package.json' && !isAllowed(entry))
      .map(({ from, to }) => `${from} → ${to}`)
    assert.deepEqual(wrong, [])
  })

  it('has no cycles, not even of types', () => {
    const graph = new Map(
      modules.map((path) => [path, importsOf(path).flatMap(({ to }) => (to.endsWith('.ts') ? [to] : []))]),
    )
    assert.equal(findCycle(graph)?.join(' → '), undefined)
  })

  it('loads the upstream client with the first fetch, not with the server', () => {
    assert.ok(loadedWith('worker-slot.ts').has('undici'))
    for (const entry of ['main.ts', 'http-process.ts']) assert.ok(!loadedWith(entry).has('undici'), entry)
  })

  it('loads what makes certificates with the first of them, not with the server', () => {
    assert.ok(loadedWith('../certificates/sign-certificate.ts').has('@peculiar/x509'))
    for (const entry of ['main.ts', 'http-process.ts', 'worker-slot.ts'])
      assert.ok(!loadedWith(entry).has('@peculiar/x509'), entry)
  })

  it('loads what signs metadata with the first signature, not with the server', () => {
    assert.ok(loadedWith('../signing/open-pgp.ts').has('signing/open-pgp.ts'))
    for (const entry of ['main.ts', 'http-process.ts', 'worker-slot.ts'])
      assert.ok(!loadedWith(entry).has('signing/open-pgp.ts'), entry)
  })

  it('loads the schemas of the wire with the first question for the API reference, not with the server', () => {
    assert.ok(loadedWith('../http/pulp/open-api/document.ts').has('typebox'))
    for (const entry of ['main.ts', 'http-process.ts', 'worker-slot.ts'])
      assert.ok(!loadedWith(entry).has('typebox'), entry)
  })

  it('has a rule for every folder', () => {
    assert.deepEqual(
      modules.filter((path) => ruleFor(path) === undefined),
      [],
    )
  })
})
