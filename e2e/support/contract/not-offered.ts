/** Calls of Pulp 2 that Deckle does not have, by the sections of pulp2-api, and why. */
export const notOffered: readonly { readonly section: string; readonly calls: string; readonly why: string }[] = [
  {
    section: '§7',
    calls: '`POST repositories/actions/content/regenerate_applicability/`',
    why: 'applicability is not built yet',
  },
  {
    section: '§15',
    calls:
      '`POST consumers/content/applicability/`, `POST consumers/actions/content/regenerate_applicability/`, `POST consumers/<consumer_id>/actions/content/regenerate_applicability/`',
    why: 'applicability is not built yet',
  },
]
