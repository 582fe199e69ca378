import type { Binding, BindingChange, BindingName } from '../../../core/consumer.ts'
import { type DeckleError, notFound } from '../../../core/errors.ts'
import { bindConsumers, unbindConsumers } from '../../../operations/consumers/bind-consumers.ts'
import type { ConsumerServices } from '../../../operations/consumers/consumer-services.ts'
import { flag, object, text } from '../../kit/body-fields.ts'
import { bodyShape, optional, required } from '../../kit/body-shape.ts'
import type { Call } from '../../kit/call.ts'
import { accepted, ok, okStream, type Route } from '../../kit/route.ts'
import { toPulpCallReport } from '../call-report.ts'
import { root } from '../hrefs.ts'
import { toPulpBinding, withDetails } from './binding.ts'
import { originatorOf } from './originator.ts'

const collection = `${root}consumers/:consumer/bindings/`
const ofRepository = `${collection}:repository/`
const single = `${ofRepository}:distributor/`

const options = optional(object, { doc: 'For the handler of the agent.', notNull: true })

/** Also for the consumers of a group. */
export const newBinding = bodyShape({
  repo_id: required(text),
  distributor_id: required(text),
  notify_agent: optional(flag, {
    doc: 'Whether the agent is told of this and of what comes after; true when it is absent.',
  }),
  binding_config: optional(object, { doc: 'For the distributor, of this binding only.', notNull: true }),
  options,
})

export const unbinding = bodyShape({
  force: optional(flag, { doc: 'The binding goes at once, whatever its agent does.', notNull: true }),
  options,
})

/** `/consumers/<id>/bindings/` (pulp2-api §15). */
export function bindingRoutes(services: ConsumerServices): readonly Route[] {
  return [
    {
      method: 'GET',
      path: collection,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpBindingWithDetails[]' },
      doc: 'Lists what a consumer is bound to, and how it reaches that.',
      handler: (call) => listBindings(services, call),
    },
    {
      method: 'POST',
      path: collection,
      permission: 'create',
      body: 'object',
      shape: newBinding,
      answers: { 200: 'PulpCallReport', 202: 'PulpCallReport' },
      doc: 'Binds a consumer to a distributor of a repository; its agent gets a task if it is to be told.',
      handler: (call) => postBinding(services, call),
    },
    {
      method: 'GET',
      path: ofRepository,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpBindingWithDetails[]' },
      doc: 'Lists what a consumer is bound to of one repository.',
      handler: (call) => listBindings(services, call, call.param('repository')),
    },
    {
      method: 'GET',
      path: single,
      permission: 'read',
      body: 'none',
      answers: { 200: 'PulpBindingWithDetails' },
      doc: 'Shows one binding, also one that is being taken away.',
      handler: async (call) => ok(await withDetails(services, await services.bindings.get(nameOf(call)))),
    },
    {
      method: 'DELETE',
      path: single,
      permission: 'delete',
      body: 'optional',
      shape: unbinding,
      answers: { 200: 'PulpCallReport', 202: 'PulpCallReport' },
      doc: 'Unbinds a consumer: at once, or when its agent has done it.',
      handler: (call) => deleteBinding(services, call),
    },
  ]
}

async function listBindings(services: ConsumerServices, call: Call, repositoryId?: string) {
  const id = call.param('consumer')
  await requireBoth(services, id, repositoryId)
  const bindings = await services.bindings.of([id], repositoryId)
  return okStream(printBindings(services, bindings))
}

async function* printBindings(services: ConsumerServices, bindings: readonly Binding[]) {
  for (const binding of bindings) yield await withDetails(services, binding)
}

/** Throws kind `not-found` that names what is missing of both (pulp2-api §2.4). */
async function requireBoth(services: ConsumerServices, consumerId: string, repositoryId?: string): Promise<void> {
  const consumer = await services.consumers.find(consumerId)
  const repositories = repositoryId === undefined ? [] : await services.repositories.details([repositoryId])
  const missing = {
    ...(repositoryId !== undefined && repositories.length === 0 && { repo_id: repositoryId }),
    ...(consumer === undefined && { consumer_id: consumerId }),
  }
  if (Object.keys(missing).length > 0) throw notFound(missing)
}

async function postBinding(services: ConsumerServices, call: Call) {
  const { id } = await services.consumers.get(call.param('consumer'))
  const wanted = fromPulpNewBinding(newBinding.read(call.body))
  return report(await bindConsumers(services, [id], wanted, originatorOf(call)), () => notFound({ consumer: id }))
}

export function fromPulpNewBinding(read: ReturnType<typeof newBinding.read>) {
  return {
    repositoryId: read.repo_id,
    distributorId: read.distributor_id,
    notifyAgent: read.notify_agent ?? true,
    config: read.binding_config ?? {},
    options: read.options ?? {},
  }
}

async function deleteBinding(services: ConsumerServices, call: Call) {
  const { force = false, options: forAgent = {} } = unbinding.read(call.body)
  const name = nameOf(call)
  await services.bindings.get(name)
  const wish = { force, options: forAgent }
  const changes = await unbindConsumers(services, [name.consumerId], name, wish, originatorOf(call))
  return report(changes, () => notFound({ bind_id: Object.values(name).join('.') }))
}

/** 202 where an agent has something to do. Who was there a moment ago may be gone: `missing`. */
function report([change]: readonly BindingChange[], missing: () => DeckleError) {
  if (change === undefined) throw missing()
  const printed = toPulpCallReport(change.tasks, toPulpBinding(change.binding))
  return change.tasks.length > 0 ? accepted(printed) : ok(printed)
}

function nameOf(call: Call): BindingName {
  return {
    consumerId: call.param('consumer'),
    repositoryId: call.param('repository'),
    distributorId: call.param('distributor'),
  }
}
