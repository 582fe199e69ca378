import type { RpmHeader } from '../../../formats/rpm/rpm-header.ts'
import { rpmTags } from '../../../formats/rpm/rpm-tags.ts'
import { hasOnlyBareFiles } from './file-list.ts'
import { headerText } from './header-text.ts'

/** Packages say so themselves; of one that says neither that nor what it was built from, rpm looks at the files. */
export function isSourcePackage(header: RpmHeader): boolean {
  if (header.has(rpmTags.sourcePackage)) return header.number(rpmTags.sourcePackage) !== 0
  return !header.has(rpmTags.sourceRpm) && hasOnlyBareFiles(header)
}

/** The source package that a package was built from; empty for a source package. */
export function sourceRpmOf(header: RpmHeader): string {
  const isUnknown = !header.has(rpmTags.sourceRpm) && !header.has(rpmTags.sourcePackage) && !hasOnlyBareFiles(header)
  // As rpm has it, and with it everything that lists such packages.
  return isUnknown ? '(none)' : headerText(header.text(rpmTags.sourceRpm))
}

/** Whether some of its sources may not be passed on, and are not in it. */
export function leavesOutSources(header: RpmHeader): boolean {
  return header.has(rpmTags.noSource) || header.has(rpmTags.noPatch)
}
