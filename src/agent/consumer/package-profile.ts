import type { JsonObject } from '../../core/json.ts'
import type { RunCommand } from './run-command.ts'

const fields = ['NAME', 'EPOCHNUM', 'VERSION', 'RELEASE', 'ARCH', 'VENDOR']

/** The packages of a system, as agents of Pulp 2 report them; by name, version and architecture. Throws when rpm does not tell. */
export async function readPackageProfile(run: RunCommand, root: string): Promise<readonly JsonObject[]> {
  const format = `${fields.map((field) => `%{${field}}`).join('\\t')}\\n`
  const at = root === '/' ? [] : ['--root', root]
  const { code, output } = await run(['rpm', ...at, '-qa', '--queryformat', format])
  if (code !== 0) throw new Error(`rpm did not list the packages: ${output.trim().slice(-500)}`)
  return output.split('\n').flatMap(readPackage).sort(byName)
}

function readPackage(line: string): JsonObject[] {
  const [name = '', epoch = '0', version = '', release = '', arch = '', vendor = ''] = line.split('\t')
  // Keys are kept like packages.
  if (name === '' || name === 'gpg-pubkey' || version === '') return []
  return [{ name, epoch: Number(epoch) || 0, version, release, arch, vendor: vendor === '(none)' ? null : vendor }]
}

function byName(left: JsonObject, right: JsonObject): number {
  const key = ({ name, version, release, arch }: JsonObject) => [name, version, release, arch].join('\t')
  const [one, other] = [key(left), key(right)]
  return one < other ? -1 : one > other ? 1 : 0
}
