import { isJsonObject, type Json } from '../../../core/json.ts'
import type { Evr } from '../rpm-version.ts'

/** A build of a package for an arch, be it installed, in a repository or advised. */
export interface PackageBuild extends Evr {
  readonly name: string
  readonly arch: string
}

/** The packages of a profile as agents of Pulp 2 report it; what is none is left out. */
export function packagesOf(profile: Json): readonly PackageBuild[] {
  return Array.isArray(profile) ? profile.filter(isJsonObject).flatMap(toBuild) : []
}

type Described = { readonly [Name in keyof PackageBuild]?: unknown }

/** The build that members describe, in a list for nothing at all. */
export function toBuild({ name, epoch, version, release, arch }: Described): readonly PackageBuild[] {
  if (typeof name !== 'string' || typeof version !== 'string') return []
  if (typeof release !== 'string' || typeof arch !== 'string') return []
  return [{ name, epoch: epochOf(epoch), version, release, arch }]
}

/** A number of 32 bits, written as text or not; one that is left out is 0. */
function epochOf(epoch: unknown): string {
  return /^[0-9]{1,10}$/.test(`${epoch}`) ? `${epoch}` : '0'
}
