import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { anRpm, packageXml, type TestPackage } from '../../../src/testing/repodata.ts'
import { type Script, UpstreamServer } from '../../../src/testing/upstream-server.ts'
import { sha256 } from '../published.ts'

type Change<Value> = (value: Value) => Value

/** Its packages when all is well, and the one that comes before it is spoilt. */
const names = ['alpha', 'beta', 'gamma']
const arrival = 'delta'

const updateinfo = `<updates><update from="a@example.test" status="final" type="security" version="1"><id>ADVICE-1</id><title>One</title><issued date="2024-01-01 00:00:00"/><pkglist/></update></updates>`
const comps = `<comps><group><id>tools</id><name>Tools</name><packagelist><packagereq type="mandatory">alpha</packagereq></packagelist></group></comps>`
const modules = `---
document: modulemd
version: 2
data:
  name: tools
  stream: "1"
  version: 1
  context: "00000000"
  arch: noarch
  summary: Tools
  description: Tools
  license: {module: [MIT]}
`

/**
 * A yum repository in memory, on a server of its own, that is spoilt before it is published: what is changed in its documents or their
 * packed forms is described rightly by repomd.xml, unless that is changed too.
 */
export class NastyUpstream {
  readonly server: UpstreamServer
  /** Elsewhere, for what leads there. */
  readonly other: UpstreamServer
  readonly feed: string
  packages: readonly TestPackage[]
  /** Bytes of the package files by their names. */
  readonly bodies = new Map<string, Buffer>()
  readonly #sound = new Map<string, string>()
  /** Open text by type in repomd.xml. */
  readonly #documents = new Map<string, Buffer>()
  readonly #packed = new Map<string, Change<Buffer>>()
  readonly #paths = new Map<string, string>()
  readonly #records = new Map<string, Change<string>>()
  readonly #replies = new Map<string, Script>()
  #repomd: Change<string> = (text) => text

  private constructor(server: UpstreamServer, other: UpstreamServer) {
    this.server = server
    this.other = other
    this.feed = server.url('/u/')
    this.packages = names.map((name) => this.newPackage({ name }))
    this.#describePackages()
    for (const [type, text] of Object.entries({ updateinfo, group: comps, modules })) this.set(type, text)
  }

  /** Closed when the suite ends. It holds files that no other has. */
  static async start(): Promise<NastyUpstream> {
    return new NastyUpstream(await UpstreamServer.start(), await UpstreamServer.start())
  }

  /** One whose file is served. */
  newPackage(change: Partial<TestPackage>): TestPackage {
    const body = randomBytes(2_000)
    const item = anRpm({ checksum: sha256(body), size: body.length, ...change })
    this.bodies.set(item.href, body)
    const fileName = `${item.name}-4.1-1.noarch.rpm`
    if (!this.#sound.has(fileName)) this.#sound.set(fileName, sha256(body))
    return item
  }

  /** What a mirror of it has to publish: file name → sha256, but for the packages of these names. */
  soundFiles(without: readonly string[]): Record<string, string> {
    const isWanted = (fileName: string) => !without.some((name) => fileName.startsWith(`${name}-`))
    return Object.fromEntries([...this.#sound].filter(([fileName]) => isWanted(fileName)).sort())
  }

  /** Lists these packages in the place of what it had. */
  list(packages: readonly TestPackage[]): void {
    this.packages = packages
    this.#describePackages()
  }

  add(change: Partial<TestPackage> = { name: arrival }): void {
    this.list([...this.packages, this.newPackage(change)])
  }

  /** The open list of packages. */
  get primary(): Buffer {
    return this.#documents.get('primary') ?? Buffer.alloc(0)
  }

  /** Says of the package of this name what is not true. */
  describe(name: string, change: Partial<TestPackage>): void {
    this.list(this.packages.map((item) => (item.name === name ? { ...item, ...change } : item)))
  }

  /** The document of this type. */
  set(type: string, text: string | Buffer): void {
    this.#documents.set(type, Buffer.from(text))
  }

  edit(type: string, change: Change<string>): void {
    const before = String(this.#documents.get(type))
    const after = change(before)
    if (before === after) throw new Error(`nothing is changed in ${type}`)
    this.set(type, after)
  }

  /** Replaces what is served of a document, under another path if it is given. */
  pack(type: string, change: Change<Buffer>, path?: string): void {
    this.#packed.set(type, change)
    if (path !== undefined) this.#paths.set(type, path)
  }

  /** What repomd.xml says of a document. */
  record(type: string, change: Change<string>): void {
    this.#records.set(type, change)
  }

  repomd(change: Change<string>): void {
    this.#repomd = change
  }

  /** Answers a path below the feed in another way. */
  reply(path: string, script: Script): void {
    this.#replies.set(path, script)
  }

  fileOf(name: string): string {
    const found = this.packages.find((item) => item.name === name)
    if (found === undefined) throw new Error(`there is no package ${name}`)
    return found.href
  }

  bodyOf(name: string): Buffer {
    return this.bodies.get(this.fileOf(name)) ?? Buffer.alloc(0)
  }

  publish(): void {
    const records: string[] = []
    for (const [type, open] of this.#documents) {
      const path = this.#paths.get(type) ?? `repodata/${type}.gz`
      const packed = (this.#packed.get(type) ?? gzipSync)(open)
      this.server.put(`/u/${path}`, packed)
      const record = recordOf(type, path, packed, open)
      records.push(this.#records.get(type)?.(record) ?? record)
    }
    for (const [path, body] of this.bodies) this.server.put(`/u/${path}`, body)
    const repomd = `<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1</revision>${records.join('')}</repomd>`
    this.server.put('/u/repodata/repomd.xml', this.#repomd(repomd))
    for (const [path, script] of this.#replies) this.server.put(`/u/${path}`, script)
  }

  #describePackages(): void {
    for (const file of ['primary', 'filelists', 'other'] as const) this.set(file, packageXml(file, this.packages))
  }
}

function recordOf(type: string, path: string, packed: Buffer, open: Buffer): string {
  return (
    `<data type="${type}"><checksum type="sha256">${sha256(packed)}</checksum>` +
    `<open-checksum type="sha256">${sha256(open)}</open-checksum><location href="${path}"/>` +
    `<size>${packed.length}</size><open-size>${open.length}</open-size></data>`
  )
}
