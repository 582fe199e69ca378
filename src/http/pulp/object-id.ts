import { sha256Hex } from '../../core/digest.ts'

/** One tag for each kind of row, so that ids of different kinds never meet. A released tag is never changed. */
export const kindTags = {
  repository: '0001',
  importer: '0002',
  distributor: '0003',
  task: '0004',
  syncHistory: '0005',
  publishHistory: '0006',
  schedule: '0007',
  user: '0011',
  role: '0012',
  permission: '0013',
  repositoryGroup: '0014',
  groupDistributor: '0015',
  eventListener: '0016',
  consumer: '0021',
  binding: '0022',
  consumerProfile: '0023',
  consumerGroup: '0024',
  consumerEvent: '0025',
} as const

type ObjectKind = keyof typeof kindTags

/**
 * The 24 hexadecimal digits by which Pulp knows a row: seconds of its creation (as in the ids of Pulp's own database, so that
 * they sort by age), its kind, its row id. Nothing is stored for it.
 */
export function objectId(kind: ObjectKind, created: Date, key: number): string {
  const seconds = Math.floor(created.getTime() / 1000)
  return hex(seconds, 8) + kindTags[kind] + hex(key, 12)
}

/** The row id in an object id of this kind; undefined for anything else. Whether its time is right shows with the row. */
export function objectIdKey(kind: ObjectKind, id: string): number | undefined {
  const match = /^[0-9a-f]{8}([0-9a-f]{4})([0-9a-f]{12})$/.exec(id)
  return match?.[1] === kindTags[kind] ? Number.parseInt(match[2] ?? '', 16) : undefined
}

/** For what has no row: the same 24 digits for the same name in every installation. */
export function namedObjectId(kind: string, name: string): string {
  return sha256Hex(`${kind}:${name}`).slice(0, 24)
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
