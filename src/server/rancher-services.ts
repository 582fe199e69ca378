import { randomUUID } from 'node:crypto'
import type { Log } from '../core/log.ts'
import type { ResourceStore } from '../core/resource.ts'
import type { HostDoor } from '../core/rollout.ts'
import type { ControlConnection } from '../database/control-connection.ts'
import { PostgresResourceStore } from '../database/resources/postgres-resource-store.ts'
import { ResourceNotices } from '../database/resources/resource-notices.ts'
import { sealingKey } from '../database/resources/sealing-key.ts'
import { PostgresHostImages } from '../database/rollouts/host-images.ts'
import { PostgresHostSessions } from '../database/rollouts/host-sessions.ts'
import { PostgresRolloutStore } from '../database/rollouts/postgres-rollout-store.ts'
import { rolloutSubscriber } from '../database/rollouts/rollout-notices.ts'
import type { RancherServices } from '../http/rancher/services.ts'
import { Authenticator } from '../operations/authenticate.ts'
import { ActorAuthenticator } from '../operations/resources/authenticate-actor.ts'
import { ManagedHostDoor } from '../operations/resources/host-door.ts'
import { rememberImage } from '../operations/resources/images.ts'
import { LifeCycle } from '../operations/resources/life-cycle.ts'
import { ManagedResources } from '../operations/resources/manage-resources.ts'
import { ManagedRegistryLogins } from '../operations/resources/registries.ts'
import { ResourceSweeper } from '../operations/resources/resource-sweeper.ts'
import { lifeRules } from '../operations/resources/rules.ts'
import { Sealer } from '../operations/resources/sealer.ts'
import { PullTaskRollouts } from '../operations/rollouts/pull-task-rollouts.ts'
import { RolloutEngine } from '../operations/rollouts/rollout-engine.ts'
import { rolloutViews } from '../operations/rollouts/rollout-reads.ts'
import type { Services } from './compose.ts'
import type { Config } from './config.ts'

/** What is managed through the Rancher API, alive in this process. */
export interface Rancher {
  readonly api: RancherServices
  readonly door: HostDoor
  readonly rollouts: RolloutEngine
  /** Ends what is under way, and gives the hosts that are connected here away. */
  close(): Promise<void>
}

/** Wires stores, life cycle and rollouts, hears what other processes say, and starts to look after what nobody else does. */
export async function openRancher(
  config: Config,
  services: Services,
  control: ControlConnection,
  log: Log,
): Promise<Rancher> {
  const { database } = services.opened
  const notices = new ResourceNotices()
  const resources = new PostgresResourceStore(database, notices)
  const rollouts = new PostgresRolloutStore(database)
  const hostImages = new PostgresHostImages(database)
  const now = () => new Date()
  const rules = lifeRules(resources, new PullTaskRollouts(resources, rollouts))
  const life = new LifeCycle({ resources, rules, now, log })
  const sealer = new Sealer(await sealingKey(database))
  const engine = new RolloutEngine({
    process: randomUUID(),
    sessions: new PostgresHostSessions(database),
    logins: new ManagedRegistryLogins(resources, sealer),
    settle: (key) => life.settle(key),
    rememberImage: (project, fullName) => rememberImage({ resources, life }, project, fullName),
    stallSeconds: config.rolloutStall,
    ...{ resources, rollouts, hostImages, log },
  })
  const sweeper = new ResourceSweeper({ resources, life, log })
  const actors = actorAuthenticator(config, services, resources)
  await control.attach(notices)
  await control.attach(rolloutSubscriber(engine))
  await engine.start()
  sweeper.start()
  return {
    api: {
      resources,
      operations: new ManagedResources({ resources, life, sealer, now }),
      rollouts: rolloutViews(rollouts, hostImages),
      accessControl: config.rancherAccessControl,
      authenticate: (header) => actors.authenticate(header),
      projectsOf: (actor) => actors.projectsOf(actor),
    },
    door: new ManagedHostDoor({ resources, life }, actors),
    rollouts: engine,
    async close() {
      await sweeper.stop()
      await engine.stop()
      await life.idle()
    },
  }
}

function actorAuthenticator(config: Config, { users }: Services, resources: ResourceStore): ActorAuthenticator {
  const authenticator = new Authenticator(users)
  return new ActorAuthenticator({
    resources,
    users,
    authenticateUser: (header) => authenticator.authenticate(header),
    accessControl: config.rancherAccessControl,
  })
}
