import type { JsonObject } from '../../core/json.ts'

/** As agents of Pulp 2 list a package of a transaction. */
export interface TransactionPackage extends JsonObject {
  readonly qname: string
  readonly repoid: string
  readonly name: string
  readonly epoch: string
  readonly version: string
  readonly release: string
  readonly arch: string
}

export interface Transaction {
  /** What was asked for. */
  readonly resolved: readonly TransactionPackage[]
  /** What comes or goes with it. */
  readonly deps: readonly TransactionPackage[]
}

const section = /^(?:Install|Upgrad|Updat|Downgrad|Reinstall|Remov|Eras)\w*(?: [\w/ ]+)?:\s*$/
const dependency = /\bdep|unused|weak/i
const row = /^(\S+)\s+(\S+)\s+(?:(\d+):)?(\S+?)-([^-\s]+)\s+@?(\S+)\s+[\d.]+(?:\s+\w+)?$/

/** Reads the table that dnf and yum print before they begin. Long columns stand on lines of their own, with more blanks before them. */
export function readTransaction(output: string): Transaction {
  const found: { resolved: TransactionPackage[]; deps: TransactionPackage[] } = { resolved: [], deps: [] }
  let list: TransactionPackage[] | undefined
  let line = ''
  const add = () => {
    const read = readRow(line)
    if (read !== undefined) list?.push(read)
    line = ''
  }
  for (const text of output.split('\n')) {
    if (list !== undefined && /^ {2,}\S/.test(text)) {
      line += text
      continue
    }
    add()
    if (section.test(text)) list = dependency.test(text) ? found.deps : found.resolved
    else if (list !== undefined && /^ \S/.test(text)) line = text
    else list = undefined
  }
  add()
  return found
}

function readRow(text: string): TransactionPackage | undefined {
  const [, name, arch, epoch = '0', version, release, repoid] =
    row.exec(text.replace(/\s+replacing\s.*$/, '').trim()) ?? []
  if (!name || !arch || !version || !release || !repoid) return undefined
  const qname = `${epoch === '0' ? '' : `${epoch}:`}${name}-${version}-${release}.${arch}`
  return { qname, repoid, name, epoch, version, release, arch }
}
