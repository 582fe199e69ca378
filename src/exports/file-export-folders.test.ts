import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DeckleError } from '../core/errors.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { type ExportDisk, exportDisk } from './export-disk.ts'
import { FileExportFolders } from './file-export-folders.ts'

type Files = Readonly<Record<string, string>>

const neverAborts = new AbortController().signal

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

function fill(folders: FileExportFolders, path: string, files: Files, owner = 'zoo/dist'): Promise<void> {
  return folders.fill({ folder: { path, key: 'publish_dir' }, owner, signal: neverAborts }, async (folder) => {
    for (const [name, text] of Object.entries(files)) await folder.write(name, bytes(text))
  })
}

/** What stands below a folder, but for what is only Deckle's; folders without files end in a slash. */
async function contentOf(folder: string): Promise<Files> {
  const content: Record<string, string> = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const name = path.slice(folder.length + 1)
    if (path.includes('/.deckle-export')) continue
    if (entry.isFile()) content[name] = await readFile(path, 'utf8')
    else if (entry.isDirectory() && (await readdir(path)).length === 0) content[`${name}/`] = ''
  }
  return content
}

describe('a folder that is filled', () => {
  const kind = (kind: string, message = /./) => ({ name: 'DeckleError', kind, message })

  it('holds what was written last, and no more', async () => {
    const folder = await temporaryFolder()
    const folders = new FileExportFolders([folder])
    await fill(folders, `${folder}/new/one`, { 'a/1': 'first', 'a/2': 'second', 'b/c/3': 'third', 4: '' })
    await fill(folders, `${folder}/new/one`, { 'a/1': 'changed', 'b/5': 'fifth' })
    assert.deepEqual(await contentOf(`${folder}/new/one`), { 'a/1': 'changed', 'b/5': 'fifth' })
    await fill(folders, `${folder}/new/one`, {})
    assert.deepEqual(await contentOf(`${folder}/new/one`), {})
  })

  it('may turn files into folders and folders into files', async () => {
    const folder = await temporaryFolder()
    const folders = new FileExportFolders([folder])
    await fill(folders, folder, { a: 'file', 'b/c/d': 'deep' })
    await fill(folders, folder, { 'a/x/y': 'deep', b: 'file' })
    assert.deepEqual(await contentOf(folder), { 'a/x/y': 'deep', b: 'file' })
  })

  it('keeps what others have put there since', async () => {
    const folder = await temporaryFolder()
    const folders = new FileExportFolders([folder])
    await fill(folders, folder, { 'a/1': 'one' })
    await writeFile(`${folder}/a/theirs`, 'not ours')
    await fill(folders, folder, { 2: 'two' })
    assert.deepEqual(await contentOf(folder), { 'a/theirs': 'not ours', 2: 'two' })
    await assert.rejects(fill(folders, folder, { 'a/theirs': 'ours' }), kind('conflict', /a\/theirs is in the way/))
    await assert.rejects(fill(folders, folder, { 'a/theirs/x': 'ours' }), kind('conflict', /a\/theirs is in the way/))
    assert.deepEqual(await contentOf(folder), { 'a/theirs': 'not ours', 2: 'two' })
  })

  it('is refused when it holds files that are not ours, or those of somebody else', async () => {
    const folder = await temporaryFolder()
    const folders = new FileExportFolders([folder])
    await mkdir(`${folder}/theirs`)
    await writeFile(`${folder}/theirs/file`, 'not ours')
    await assert.rejects(fill(folders, `${folder}/theirs`, { x: '' }), kind('conflict', /has not put there/))
    await fill(folders, `${folder}/ours`, { x: 'one' })
    await assert.rejects(
      fill(folders, `${folder}/ours`, { x: 'two' }, 'other/d'),
      kind('conflict', /belongs to zoo\/dist/),
    )
    assert.deepEqual(await contentOf(folder), { 'theirs/file': 'not ours', 'ours/x': 'one' })
    await rm(`${folder}/ours/x`)
    await fill(folders, `${folder}/ours`, { y: 'three' }, 'other/d')
    assert.deepEqual(await contentOf(`${folder}/ours`), { y: 'three' })
  })

  it('must lie in a folder that the setting allows, links followed', async () => {
    const folder = await temporaryFolder()
    const elsewhere = await temporaryFolder()
    await symlink(elsewhere, `${folder}/out`)
    await symlink(`${folder}/in`, `${elsewhere}/back`)
    const folders = new FileExportFolders([folder])
    const look = (path: string, from = folders) => from.require({ path, key: 'publish_dir' })
    for (const path of [folder, `${folder}/in/deep`, `${folder}/x/../y`, `${folder}/...`]) await look(path)
    await mkdir(`${folder}/in`)
    await look(`${elsewhere}/back/x`)
    for (const path of [
      elsewhere,
      `${folder}/out`,
      `${folder}/out/x`,
      `${folder}/../x`,
      `${folder}x`,
      dirname(folder),
    ]) {
      await assert.rejects(look(path), kind('invalid', /publish_dir .*DECKLE_EXPORT_DIRS/), path)
    }
    await assert.rejects(look('relative'), kind('invalid', /absolute/))
    await assert.rejects(look(`${folder}/a\0b`), kind('invalid'))
    await assert.rejects(look(folder, new FileExportFolders([])), kind('invalid', /DECKLE_EXPORT_DIRS .*empty/))
    await look('/anything', new FileExportFolders(['/']))
    await look(`${elsewhere}/back/x`, new FileExportFolders([`${elsewhere}/back`]))
  })

  it('cannot be left by a path or a link', async () => {
    const folder = await temporaryFolder()
    const elsewhere = await temporaryFolder()
    const folders = new FileExportFolders([folder])
    for (const path of [
      '',
      '/x',
      '../x',
      'a/../x',
      'a//b',
      './a',
      'a/',
      'a\0b',
      '.deckle-export',
      '.deckle-export.new',
    ]) {
      await assert.rejects(fill(folders, folder, { [path]: 'x' }), kind('invalid'), JSON.stringify(path))
    }
    await fill(folders, folder, { 'a/b/1': 'one' })
    await rm(`${folder}/a`, { recursive: true })
    await symlink(elsewhere, `${folder}/a`)
    await assert.rejects(fill(folders, folder, { 'a/b/1': 'one' }), kind('conflict', /in the way/))
    await fill(folders, folder, {})
    assert.deepEqual([await contentOf(folder), await contentOf(elsewhere)], [{}, {}])
  })

  it('is not touched when its marker lists what it may not', async () => {
    const folder = await temporaryFolder()
    const ours = join(folder, 'ours')
    await mkdir(ours)
    await writeFile(`${folder}/precious`, 'precious')
    for (const marker of ['{', '[]', '{"owner":"zoo/dist","files":["../precious"],"folders":[]}']) {
      await writeFile(`${ours}/.deckle-export`, marker)
      await assert.rejects(fill(new FileExportFolders([folder]), ours, {}), kind('conflict', /\.deckle-export cannot/))
    }
    assert.deepEqual(await contentOf(folder), { precious: 'precious' })
  })

  it('stays as it was when what is to be written fails, or the disk is full', async () => {
    const folder = await temporaryFolder()
    await fill(new FileExportFolders([folder]), folder, { a: 'old' })
    const full: ExportDisk = {
      ...exportDisk,
      open: async (...given) => {
        const file = await exportDisk.open(...given)
        file.writev = async () => {
          throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
        }
        return file
      },
    }
    await assert.rejects(
      fill(new FileExportFolders([folder], full), folder, { a: 'new', b: 'new' }),
      (error) => error instanceof DeckleError && error.details.code === 'disk_full' && error.message.includes(folder),
    )
    const failing = new FileExportFolders([folder]).fill(
      { folder: { path: folder, key: 'publish_dir' }, owner: 'zoo/dist', signal: neverAborts },
      async (into) => {
        await into.write('a', bytes('new'))
        throw new Error('broken')
      },
    )
    await assert.rejects(failing, /broken/)
    assert.deepEqual(await contentOf(folder), { a: 'old' })
  })

  it('ends at once when it is aborted', async () => {
    const folder = await temporaryFolder()
    const abort = new AbortController()
    const filling = { folder: { path: folder, key: 'publish_dir' }, owner: 'zoo/dist', signal: abort.signal }
    const filled = new FileExportFolders([folder]).fill(filling, async (into) => {
      await into.write('a', bytes('new'))
      abort.abort()
    })
    await assert.rejects(filled, { name: 'AbortError' })
    assert.deepEqual(await contentOf(folder), {})
  })
})

/** The disk of a process that dies before its step number `steps`: nothing that it does after that has an effect. */
function dyingDisk(steps: number): ExportDisk {
  let left = steps
  return new Proxy(exportDisk, {
    get:
      (disk, name: keyof ExportDisk) =>
      async (...given: never[]) => {
        left -= 1
        if (left < 0) throw new Error('died')
        return Reflect.apply(disk[name], undefined, given)
      },
  })
}

const path = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
  .map((segments) => segments.join('/'))
const isFree = (paths: readonly string[]) =>
  paths.every((one) => paths.every((other) => one === other || !other.startsWith(`${one}/`)))
const files = fc.uniqueArray(path, { maxLength: 5 }).filter(isFree)
const step = fc.record({
  files,
  /** Where somebody else puts a file before. */
  foreign: fc.option(path, { nil: undefined, freq: 3 }),
  /** Of the process that fills; most fillings have more. */
  steps: fc.oneof(fc.nat(40), fc.constant(1_000)),
})

describe('a folder whose filling dies', () => {
  const runs = process.env['DECKLE_TEST_LONG'] === '1' ? 2_000 : 60

  it('is mended by the next filling, and never loses what others have put there', async () => {
    const root = await temporaryFolder()
    let count = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (history) => {
        count += 1
        const folder = join(root, String(count))
        await fill(new FileExportFolders([root]), folder, {})
        const theirs: Record<string, string> = {}
        for (const { files, foreign, steps } of [...history, { files: ['a'], foreign: undefined, steps: 1_000 }]) {
          if (foreign !== undefined && (await putForeign(folder, `${foreign}/theirs`)))
            theirs[`${foreign}/theirs`] = 'theirs'
          const wanted = Object.fromEntries(files.map((name, index) => [name, `${count} ${index} ${steps}`]))
          const filled = fill(new FileExportFolders([root], dyingDisk(steps)), folder, wanted)
          const outcome = await filled.then(() => undefined, String)
          const content = await contentOf(folder)
          for (const name of Object.keys(theirs)) assert.equal(content[name], 'theirs', name)
          if (outcome === undefined) assert.deepEqual(content, { ...wanted, ...theirs })
          else assert.match(outcome, /died|in the way/)
          const blocked = files.some((name) => Object.keys(theirs).some((their) => their.startsWith(`${name}/`)))
          if (steps < 1_000) continue
          assert.equal(outcome === undefined, !blocked, outcome)
          assert.ok(!(await readdir(folder)).includes('.deckle-export.staging'))
        }
      }),
      { numRuns: runs },
    )
  })
})

/** False where a file of ours stands. */
async function putForeign(folder: string, name: string): Promise<boolean> {
  const target = join(folder, name)
  try {
    await mkdir(dirname(target), { recursive: true })
  } catch {
    return false
  }
  await writeFile(target, 'theirs')
  return (await stat(target)).isFile()
}
