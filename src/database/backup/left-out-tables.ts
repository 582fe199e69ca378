/** Tables that a backup leaves out, each with the reason. Every other table of the schema is in it. */
export const leftOutTables: Readonly<Record<string, string>> = {
  worker: 'living processes; after a restore there are others',
  fetch_lease: 'who fetches a file at this moment',
  content_source: 'belongs to the catalogs',
  content_catalog: 'is read anew from the sources',
  event_delivery: 'news of what has happened here; nobody is to be told again',
  host_session: 'who is connected at this moment',
  host_hub: 'living processes; after a restore there are others',
  upload_request: 'uploads that are under way: their bytes are no stored files yet',
  kysely_migration: 'the manifest names the migrations; restoring runs them',
  kysely_migration_lock: 'belongs to the migrator',
}
