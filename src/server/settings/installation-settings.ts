import { availableParallelism } from 'node:os'
import { defaultDataFolder } from '../../places/data-folder.ts'
import {
  count,
  flag,
  folder,
  folders,
  modules,
  optionalFolder,
  optionalText,
  positive,
  roles,
} from '../setting-values.ts'
import { setting } from './setting.ts'

/** Where things lie, and which processes there are. */
export const installationSettings = {
  dataDir: setting(
    'dataDir',
    'DECKLE_DATA_DIR',
    folder,
    defaultDataFolder(),
    'Folder of everything that Deckle keeps; default var in a clone',
  ),
  databaseUrl: setting(
    'database.url',
    'DECKLE_DATABASE_URL',
    optionalText,
    undefined,
    'A PostgreSQL of version 15 or later; without it an embedded one is started',
  ),
  databaseDirectUrl: setting(
    'database.directUrl',
    'DECKLE_DATABASE_DIRECT_URL',
    optionalText,
    undefined,
    'The way around a pooler, for locks and notices, when DECKLE_DATABASE_URL leads through one',
  ),
  databaseUser: setting(
    'database.embeddedUser',
    'DECKLE_DATABASE_USER',
    optionalText,
    undefined,
    'User that the embedded PostgreSQL runs as when Deckle is started by root; default nobody',
  ),
  blobs: setting(
    'blobs',
    'DECKLE_BLOBS',
    optionalFolder,
    undefined,
    'Folder of the stored files; default blobs below the data folder',
  ),
  blobsShared: setting(
    'blobsShared',
    'DECKLE_BLOBS_SHARED',
    flag,
    false,
    'Says that all processes see the folder of DECKLE_BLOBS; needed where roles are split',
  ),
  roles: setting('roles', 'DECKLE_ROLES', roles, 'api,content,worker', 'What this process does: api, content, worker'),
  contentProcesses: setting(
    'content.processes',
    'DECKLE_CONTENT_PROCESSES',
    positive,
    1,
    'Processes that serve the APIs and published content on the same port',
  ),
  workers: setting(
    'workers',
    'DECKLE_WORKERS',
    count,
    Math.max(2, availableParallelism()),
    'Tasks that run side by side',
  ),
  workerMemory: setting('workerMemory', 'DECKLE_WORKER_MEMORY', count, 1024, 'Heap of one worker, MiB'),
  adminPassword: setting(
    'adminPassword',
    'DECKLE_ADMIN_PASSWORD',
    optionalText,
    undefined,
    'Password of admin; generated at the first start without it',
  ),
  feedDirs: setting(
    'feedDirs',
    'DECKLE_FEED_DIRS',
    folders,
    '',
    'Folders that file: feeds may read, separated by colons',
  ),
  exportDirs: setting(
    'exportDirs',
    'DECKLE_EXPORT_DIRS',
    folders,
    '',
    'Folders that distributors may write files into, separated by colons',
  ),
  plugins: setting(
    'plugins',
    'DECKLE_PLUGINS',
    modules,
    '',
    'Modules of further content families: absolute paths, separated by colons',
  ),
}
