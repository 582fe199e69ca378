import type { Operation } from './operation.ts'
import { rightsOf } from './permissions.ts'
import type { WrittenOperation } from './written-api.ts'

/** What the written API documents of a call and no case of its row shows; empty where the row is complete. */
export function whatIsNotShown(row: Operation, written: WrittenOperation): readonly string[] {
  const { cases, never = {} } = row
  const shown = new Set(cases.map(({ status, instead }) => instead?.of ?? status))
  const statuses = written.statuses.filter((status) => !shown.has(status) && never[status] === undefined)
  const asked = new Set([...cases.flatMap(({ asks }) => asks ?? []), ...Object.keys(Object(written.request))])
  return [
    ...statuses.map((status) => `status ${status}`),
    ...[...written.query, ...Object.keys(written.body)]
      .filter((name) => !asked.has(name))
      .map((name) => `input ${name}`),
    ...(written.request !== undefined && !cases.some(({ sample }) => sample) ? ['its sample request'] : []),
    ...(hasAnswer(written) && !cases.some(({ like }) => like) ? ['its sample of an answer'] : []),
    ...(written.tags ?? []).filter((tag) => !row.tags?.includes(tag)).map((tag) => `tag ${tag}`),
    ...(rightsOf(row).some((right) => right === written.permission) ? [] : [`permission ${written.permission}`]),
  ]
}

function hasAnswer({ response, callResult, taskResult }: WrittenOperation): boolean {
  return [response, callResult, taskResult].some((sample) => sample !== undefined)
}
