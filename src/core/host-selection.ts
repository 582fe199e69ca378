/** Which hosts a pull task is for (rancher-api §3.6). */
export interface HostSelector {
  /** True when the host's labels fulfil all conditions. */
  matches(labels: Readonly<Record<string, string>>): boolean
}

const prefix = 'io.rancher.scheduler.affinity:host_label'

/** Suffix of the label → whether the host must have the label. Soft ones are hard here, as in the original. */
const wanted: Readonly<Record<string, boolean>> = { '': true, _ne: false, _soft: true, _soft_ne: false }

interface Condition {
  readonly key: string
  /** Undefined for an entry without `=`: no host has it. */
  readonly value: string | undefined
  readonly has: boolean
}

/** Reads the scheduler's labels of a pull task; all others say nothing about hosts. Case never counts. */
export function hostSelector(labels: Readonly<Record<string, string>>): HostSelector {
  const conditions = Object.entries(labels).flatMap(([label, list]) => conditionsOf(label.toLowerCase(), list))
  return {
    matches(hostLabels) {
      const lower = new Map(Object.entries(hostLabels).map(([key, value]) => [key.toLowerCase(), value.toLowerCase()]))
      return conditions.every(({ key, value, has }) => (value !== undefined && lower.get(key) === value) === has)
    },
  }
}

function conditionsOf(label: string, list: string): readonly Condition[] {
  if (!label.startsWith(prefix)) return []
  const suffix = label.slice(prefix.length)
  const has = Object.hasOwn(wanted, suffix) ? wanted[suffix] : undefined
  if (has === undefined) return []
  const entries = list.toLowerCase().split(',')
  return entries
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => toCondition(entry, has))
}

function toCondition(entry: string, has: boolean): Condition {
  const at = entry.indexOf('=')
  if (at < 0) return { key: entry, value: undefined, has }
  return { key: entry.slice(0, at).trim(), value: entry.slice(at + 1).trim(), has }
}
