import { flag, text, wholeNumber } from '../kit/body-fields.ts'
import { bodyShape, optional, required } from '../kit/body-shape.ts'
import type { Call } from '../kit/call.ts'
import { accepted, type Route } from '../kit/route.ts'
import { toPulpCallReport } from './call-report.ts'
import { root } from './hrefs.ts'
import type { PulpServices } from './services.ts'

type Services = Pick<PulpServices, 'operations'>

const actions = `${root}repositories/:repository/actions/`

/** Bringing content back, and on: `actions/rollback/` and `actions/promote/`; both an extension. */
export function versionActionRoutes(services: Services): readonly Route[] {
  const shared = {
    method: 'POST',
    permission: 'update',
    body: 'object',
    answers: { 202: 'PulpCallReport' },
    extension: true,
  } as const
  return [
    {
      ...shared,
      path: `${actions}rollback/`,
      shape: rollbackOptions,
      doc: 'Queues that a repository gets the content of an earlier version of its own, as a new version, and publishes it.',
      handler: (call) => rollback(services, call),
    },
    {
      ...shared,
      path: `${actions}promote/`,
      shape: promoteOptions,
      doc: 'Queues that a repository gets the content of a version of another one, as a new version, and publishes it.',
      handler: (call) => promote(services, call),
    },
  ]
}

const number = wholeNumber(0, 2 ** 31 - 1)
const publish = optional(flag, {
  doc: 'Whether the distributors show it then, where they can with the files of a publication of the same content; true when absent.',
})

const rollbackOptions = bodyShape({ version: required(number, { doc: 'The version to go back to.' }), publish })
const promoteOptions = bodyShape({
  source_repo_id: required(text, { doc: 'The repository whose content it gets.' }),
  source_version: optional(number, {
    doc: 'The latest one at the time of the call when it is absent; there has to be one then.',
  }),
  publish,
})

async function rollback({ operations }: Services, call: Call) {
  const { version, publish: shows = true } = rollbackOptions.read(call.body)
  const task = await operations.rollbackRepository(call.param('repository'), { version, publish: shows })
  return accepted(toPulpCallReport([task]))
}

async function promote({ operations }: Services, call: Call) {
  const { source_repo_id: sourceId, source_version: version, publish: shows = true } = promoteOptions.read(call.body)
  const order = { sourceId, ...(version !== undefined && { version }), publish: shows }
  return accepted(toPulpCallReport([await operations.promoteRepository(call.param('repository'), order)]))
}
