import type { CopyRun } from '../../../core/copier.ts'
import type { Json, JsonObject } from '../../../core/json.ts'
import { isJsonObject } from '../../../core/json.ts'
import { categoryType, environmentType, groupType } from '../comps/comps-types.ts'
import type { CopyOptions } from './copy-options.ts'
import type { WantedPackages } from './wanted-packages.ts'

const groupFields = [
  'id',
  'mandatory_package_names',
  'default_package_names',
  'optional_package_names',
  'conditional_package_names',
]

/**
 * Row ids of the groups that selected categories and environments name, optional ones too; what those groups and the selected ones
 * name goes to `wanted`.
 */
export async function followGroups(run: CopyRun<CopyOptions>, wanted: WantedPackages): Promise<ReadonlySet<number>> {
  const ids = await namedGroups(run)
  if (run.options.conservative)
    for await (const { unit } of run.target(groupIds)) ids.delete(textOf(unit.metadata['id']))
  const groups = new Set<number>()
  for await (const { unit } of run.source({ types: [groupType.id], fields: groupFields })) {
    const isNamed = ids.has(textOf(unit.metadata['id']))
    if (isNamed) groups.add(unit.id)
    if (isNamed || run.selected.has(unit.id)) for (const name of packageNames(unit.metadata)) wanted.names.add(name)
  }
  return groups
}

const groupIds = { types: [groupType.id], fields: ['id'] }

async function namedGroups(run: CopyRun<CopyOptions>): Promise<Set<string>> {
  const ids = new Set<string>()
  const fields = ['packagegroupids', 'group_ids', 'options']
  for await (const { unit } of run.source({ types: [categoryType.id, environmentType.id], fields })) {
    if (!run.selected.has(unit.id)) continue
    const { packagegroupids, group_ids: groupIds, options } = unit.metadata
    for (const id of [...listOf(packagegroupids), ...listOf(groupIds)]) ids.add(textOf(id))
    for (const option of listOf(options)) if (isJsonObject(option)) ids.add(textOf(option['group']))
  }
  return ids
}

/** Of all kinds; a conditional one stands with what it depends on. */
function packageNames({ id: _, ...lists }: JsonObject): readonly string[] {
  return Object.values(lists).flatMap((list) =>
    listOf(list).map((name) => textOf(Array.isArray(name) ? name[0] : name)),
  )
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
