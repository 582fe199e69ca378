import type { CopyPlace, CopyRun } from '../../../core/copier.ts'

/** All places of a copy: its own is 0, the additional ones follow. */
export function placesOf(run: CopyRun<unknown>): readonly CopyPlace[] {
  return [run, ...run.additional]
}
