import { randomUUID } from 'node:crypto'
import { silentLog } from '../core/log.ts'
import type { RegistryLogin } from '../core/rollout.ts'
import { type OpenDatabase, openDatabase } from '../database/connection.ts'
import { ControlConnection } from '../database/control-connection.ts'
import { PostgresResourceStore } from '../database/resources/postgres-resource-store.ts'
import { ResourceNotices } from '../database/resources/resource-notices.ts'
import { PostgresHostImages } from '../database/rollouts/host-images.ts'
import { PostgresHostSessions } from '../database/rollouts/host-sessions.ts'
import { PostgresRolloutStore } from '../database/rollouts/postgres-rollout-store.ts'
import { rolloutSubscriber } from '../database/rollouts/rollout-notices.ts'
import { rememberImage } from '../operations/resources/images.ts'
import { LifeCycle } from '../operations/resources/life-cycle.ts'
import { lifeRules } from '../operations/resources/rules.ts'
import { PullTaskRollouts } from '../operations/rollouts/pull-task-rollouts.ts'
import { RolloutEngine } from '../operations/rollouts/rollout-engine.ts'
import { project } from './rollouts.ts'

/** One server process as far as pull tasks go. */
export class RolloutProcess {
  readonly resources: PostgresResourceStore
  readonly rollouts: PostgresRolloutStore
  readonly hostImages: PostgresHostImages
  readonly life: LifeCycle
  readonly engine: RolloutEngine
  /** Registry → what logs in there. */
  readonly logins = new Map<string, RegistryLogin>()
  readonly #opened: OpenDatabase
  readonly #control: ControlConnection

  private constructor(url: string, notices: ResourceNotices) {
    this.#opened = openDatabase(url, silentLog)
    this.#control = new ControlConnection(url, silentLog)
    const { database } = this.#opened
    const resources = new PostgresResourceStore(database, notices)
    const rollouts = new PostgresRolloutStore(database)
    const hostImages = new PostgresHostImages(database)
    const rules = lifeRules(resources, new PullTaskRollouts(resources, rollouts))
    const life = new LifeCycle({ resources, rules, now: () => new Date(), log: silentLog })
    this.engine = new RolloutEngine({
      process: randomUUID(),
      sessions: new PostgresHostSessions(database),
      logins: { find: async (_project, registry) => this.logins.get(registry) },
      settle: (key) => life.settle(key),
      rememberImage: (owner, name) => rememberImage({ resources, life }, owner, name),
      stallSeconds: 60,
      log: silentLog,
      ...{ resources, rollouts, hostImages },
    })
    this.resources = resources
    this.rollouts = rollouts
    this.hostImages = hostImages
    this.life = life
  }

  static async start(url: string): Promise<RolloutProcess> {
    const notices = new ResourceNotices()
    const made = new RolloutProcess(url, notices)
    await made.#control.open()
    await made.#control.attach(notices)
    await made.#control.attach(rolloutSubscriber(made.engine))
    await made.engine.start()
    return made
  }

  /** Begins a pull task; returns its key. */
  async pull(image: string, data: Record<string, string | number> = {}): Promise<number> {
    const task = await this.resources.create({
      type: 'pullTask',
      owner: project,
      state: 'registering',
      data: { image, mode: 'all', ...data },
    })
    this.life.begin(task)
    return task.key
  }

  /** Resolves when the task has come to rest; returns its state. */
  async settled(task: number): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<void>()
    let look: () => void = () => undefined
    const unlisten = this.resources.changes((key) => key === task && look())
    look = () =>
      void this.resources.get(['pullTask'], task).then(({ state }) => {
        if (state !== 'registering' && state !== 'activating') resolve()
      })
    look()
    await promise
    unlisten()
    return (await this.resources.get(['pullTask'], task)).state
  }

  async stop(): Promise<void> {
    await this.engine.stop()
    await this.life.idle()
    await this.#control.close()
    await this.#opened.close()
  }
}
