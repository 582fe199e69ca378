import type { CopyRun } from '../../../core/copier.ts'

/** Whether units of a type were selected. */
export async function hasSelected(run: CopyRun<unknown>, type: string): Promise<boolean> {
  for await (const { unit } of run.source({ types: [type], fields: [] })) if (run.selected.has(unit.id)) return true
  return false
}
