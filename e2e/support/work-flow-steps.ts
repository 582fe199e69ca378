import assert from 'node:assert/strict'
import type { PulpTaskReport } from '../../src/wire/pulp/task-report.ts'
import type { DeckleServer } from './deckle-server.ts'
import { ask, type ExpectedTask, perform, repositoryOf } from './work-flow.ts'

/** What a repository is made with; its distributor is `web` below `flow/`. */
export interface RepositoryKind {
  readonly importer: string
  readonly distributor: string
  /** The value of the note by which clients know the kind. */
  readonly note: string
  /** Besides the address. */
  readonly config: object
}

/**
 * The steps of a work flow from `source` to `target`, to whose distributor a consumer is bound. Each queues the tasks of pulp2-api §3.6
 * with those that they queue in turn, and all of them finish.
 */
export class WorkFlowSteps {
  readonly #server: () => DeckleServer
  readonly #consumer: string

  constructor(server: () => DeckleServer, consumer: string) {
    this.#server = server
    this.#consumer = consumer
  }

  async makeRepository(id: string, { importer, distributor, note, config }: RepositoryKind): Promise<void> {
    const distributor_config = { relative_url: `flow/${id}`, ...config }
    const body = {
      id,
      importer_type_id: importer,
      notes: { '_repo-type': note },
      distributors: [{ distributor_id: 'web', distributor_type_id: distributor, distributor_config }],
    }
    const { location } = await ask(this.#server(), 'POST', 'repositories/', body, 201)
    assert.equal(location, `/pulp/api/v2/repositories/${id}/`)
    assert.deepEqual((await repositoryOf(this.#server(), id)).content_unit_counts, {})
  }

  copy(criteria: object): Promise<PulpTaskReport[]> {
    const type = 'pulp.server.managers.repo.unit_association.associate_from_repo'
    const tags = ['repository:target', 'repository:source', 'action:associate']
    const body = { source_repo_id: 'source', criteria }
    return perform(this.#server(), ['POST', 'repositories/target/actions/associate/', body], [{ type, tags }])
  }

  remove(id: string, criteria: object): Promise<PulpTaskReport[]> {
    const type = 'pulp.server.managers.repo.unit_association.unassociate_by_criteria'
    const tags = [`repository:${id}`, 'action:unassociate']
    return perform(this.#server(), ['POST', `repositories/${id}/actions/unassociate/`, { criteria }], [{ type, tags }])
  }

  async publish(): Promise<void> {
    const type = 'pulp.server.managers.repo.publish.publish'
    const tags = ['repository:target', 'action:publish']
    const order = ['POST', 'repositories/target/actions/publish/', { id: 'web' }] as const
    const [task] = await perform(this.#server(), order, [{ type, tags }])
    assert.equal(Object(task?.result).result, 'success')
  }

  async bind(): Promise<void> {
    const wanted = { repo_id: 'target', distributor_id: 'web' }
    await perform(this.#server(), ['POST', `consumers/${this.#consumer}/bindings/`, wanted], [this.#told('bind')])
  }

  /** Has the agent install, update or uninstall packages. */
  async act(action: string, names: readonly string[]): Promise<void> {
    const units = names.map((name) => ({ type_id: 'rpm', unit_key: { name } }))
    const path = `consumers/${this.#consumer}/actions/content/${action}/`
    const expected = { type: null, tags: [`consumer:${this.#consumer}`, `action:unit_${action}`] }
    const [task] = await perform(this.#server(), ['POST', path, { units, options: {} }], [expected])
    assert.equal(task?.worker_name, 'agent')
  }

  /** Changes the address of the distributor; the consumer is bound again. */
  async move(relative_url: string): Promise<void> {
    const type = 'pulp.server.tasks.repository.distributor_update'
    const tags = ['repository:target', 'repository_distributor:web', 'action:update_distributor']
    const body = { distributor_config: { relative_url } }
    await this.#toldOf(['PUT', 'repositories/target/distributors/web/', body], { type, tags }, 'bind')
  }

  /** The consumer is unbound. */
  async removeDistributor(): Promise<void> {
    const type = 'pulp.server.tasks.repository.distributor_delete'
    const tags = ['repository:target', 'repository_distributor:web', 'action:remove_distributor']
    await this.#toldOf(['DELETE', 'repositories/target/distributors/web/'], { type, tags }, 'unbind')
  }

  /** With the binding of the consumer, if there still is one. */
  async deleteRepository(id: string, isBound: boolean): Promise<void> {
    const deletion = { type: 'pulp.server.tasks.repository.delete', tags: [`repository:${id}`, 'action:delete'] }
    const order = ['DELETE', `repositories/${id}/`] as const
    if (isBound) await this.#toldOf(order, deletion, 'unbind')
    else await perform(this.#server(), order, [deletion])
  }

  /** Of one type, or of all. Returns what the task says of them. */
  async deleteOrphans(type?: string): Promise<unknown> {
    const name = type === undefined ? 'delete_all_orphans' : 'delete_orphans_by_type'
    const expected = { type: `pulp.server.managers.content.orphan.${name}`, tags: ['content_unit:orphans'] }
    const path = `content/orphans/${type === undefined ? '' : `${type}/`}`
    const [task] = await perform(this.#server(), ['DELETE', path], [expected])
    return task?.result
  }

  /** The agent is told by a task that the first one lists. */
  async #toldOf(order: Parameters<typeof perform>[1], expected: ExpectedTask, action: 'bind' | 'unbind') {
    const [task, told] = await perform(this.#server(), order, [expected, this.#told(action)])
    assert.deepEqual(
      task?.spawned_tasks.map(({ task_id }) => task_id),
      [told?.task_id],
    )
  }

  #told(action: 'bind' | 'unbind'): ExpectedTask {
    const binding = [`consumer:${this.#consumer}`, 'repository:target', 'repository_distributor:web']
    return { type: null, tags: [...binding, `action:agent_${action}`] }
  }
}
