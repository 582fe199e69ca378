/**
 * Where the written API and real servers differ, and what Deckle does. Numbers are those of pulp2-api §0; other sections of
 * pulp2-api stand for what only real servers show. `side` is whom Deckle follows; `both` where it can. Sentences go into
 * docs/pulp2-compatibility.md.
 */
export const decisions = {
  '§0.1': {
    side: 'written',
    says: 'The importers of a repository that is missing are a 404, as written; real servers answered an empty list.',
  },
  '§0.2': {
    side: 'both',
    says: 'A task that associates an importer has the tags of the written API and of real servers.',
  },
  '§0.3': {
    side: 'both',
    says: 'A download task has both tags, `pulp:action:download` and `pulp:action:download_repo`; either finds it.',
  },
  '§0.4': {
    side: 'both',
    says: 'A task that another one spawned is named with `_href`, as real servers do, and with `href`, as written.',
  },
  '§0.5': { side: 'real', says: 'A masked password is `*****`, five asterisks, as on real servers.' },
  '§0.6': {
    side: 'written',
    says: 'The summary of a group that is not known is a 404, as written; real servers answered zeros.',
  },
  '§0.7': {
    side: 'both',
    says: 'A schedule is changed by a caller with CREATE, as written, or with UPDATE, as on real servers.',
  },
  '§0.8': {
    side: 'written',
    says: 'Members that only the written API has (`sync_in_progress`, `scheduled_syncs` and their like) are printed.',
  },
  '§0.9': { side: 'real', says: '`_id` is always `{"$oid": "…"}`; some written samples show a plain string.' },
  '§0.10': {
    side: 'real',
    says: 'A `scratchpad` belongs to the plugin; a new distributor has `{}`, a new importer `null`.',
  },
  '§0.11': { side: 'real', says: 'A distributor whose id is taken on the repository replaces the old one.' },
  '§0.13': {
    side: 'written',
    says: 'The config that a change would lead to is checked before it is queued, and once more in the task.',
  },
  '§0.14': { side: 'real', says: '`traceback` of a task is null or one string, `exception` always null.' },
  '§0.15': {
    side: 'written',
    says: 'A bare time as the start of a schedule is the next such moment, UTC, as the written sample wants it.',
  },
  '§0.16': { side: 'real', says: 'Dates are ISO 8601; some written samples show none that exists.' },
  '§0.17': {
    side: 'real',
    says: 'A task report also has `_id`, `id` and `_ns`, and `queue` where one task is asked for.',
  },
  '§0.18': { side: 'written', says: 'Cancelling a task that has ended leaves it as it is and answers 200.' },
  '§0.19': {
    side: 'real',
    says: 'Tasks are deleted by the states finished, error, skipped; another state is a 400, none at all a 403.',
  },
  '§0.20': {
    side: 'both',
    says: 'Distributors of a new repository take `distributor_config`, and `repo_plugin_config` as the written prose says.',
  },
  '§0.22': { side: 'real', says: 'The list of tasks holds all of them, those that have ended too, oldest first.' },
  '§0.23': {
    side: 'real',
    says: 'The list of scheduled publishes is an array; the written sample shows its only element.',
  },
  '§0.24': {
    side: 'both',
    says: 'A plugin that raises makes a synchronous call a 500, and the task of a queued call an error; nothing is left half-attached.',
  },
  '§3.3': {
    side: 'written',
    says: 'Members of a task report that are null until the task has run hold values once it has.',
  },
  '§6.1': { side: 'real', says: '`auto_publish` is always true or false.' },
  '§8.1': { side: 'written', says: 'The date of the last run of a schedule is null until it has run.' },
} as const satisfies Readonly<Record<string, { readonly side: 'written' | 'real' | 'both'; readonly says: string }>>

/** The number of a decision. */
export type Decision = keyof typeof decisions
