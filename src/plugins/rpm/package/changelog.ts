import type { RpmHeader } from '../../../formats/rpm/rpm-header.ts'
import { rpmTags } from '../../../formats/rpm/rpm-tags.ts'
import { headerText } from './header-text.ts'

export interface ChangelogEntry {
  readonly author: string
  /** Unix time, seconds. */
  readonly date: number
  readonly text: string
}

/** As many as createrepo_c shows. */
const maxEntries = 10

/**
 * The newest entries, oldest first. Of several of one date the newer ones get a second more each: clients sort by the date.
 */
export function changelogOf(header: RpmHeader): readonly ChangelogEntry[] {
  const entries = [...newestEntries(header)]
  const dates = entries.map(({ date }) => date)
  for (const [at, { date }] of entries.entries()) {
    if (date !== entries[at - 1]?.date) continue
    for (let newer = at - 1, taken = date; newer >= 0 && dates[newer] === taken; newer--) {
      taken += 1
      dates[newer] = taken
    }
  }
  return entries.map((entry, at) => ({ ...entry, date: dates[at] ?? entry.date })).reverse()
}

function* newestEntries(header: RpmHeader): Generator<ChangelogEntry> {
  const [authors, texts] = [header.texts(rpmTags.changelogName), header.texts(rpmTags.changelogText)]
  let count = 0
  for (const date of header.numbers(rpmTags.changelogTime)) {
    const [author, text] = [authors.next().value, texts.next().value]
    if (author === undefined || text === undefined || count === maxEntries) return
    yield { author: headerText(withoutBlanks(author)), date, text: headerText(text) }
    count += 1
  }
}

/** At its end; one byte stays. */
function withoutBlanks(author: Buffer): Buffer {
  let end = author.length
  while (end > 1 && author[end - 1] === 0x20) end -= 1
  return author.subarray(0, end)
}
