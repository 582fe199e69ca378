/** Calls of Pulp 2 that Deckle does not have, by the sections of pulp2-api, and why. */
export const notOffered: readonly { readonly section: string; readonly calls: string; readonly why: string }[] = [
  {
    section: '§7',
    calls: '`POST repositories/actions/content/regenerate_applicability/`',
    why: 'there are no consumers yet',
  },
  {
    section: '§9.4',
    calls: '`content/sources/`, `content/catalog/`',
    why: 'alternate content sources are not built yet',
  },
  { section: '§15', calls: '`consumers/`, `consumer_groups/`', why: 'consumers are not built yet' },
]
