import { resolve } from 'node:path'
import packageJson from '../../../package.json' with { type: 'json' }
import type { Log } from '../../core/log.ts'
import type { AgentSurroundings } from '../agent-surroundings.ts'
import { systemClock } from '../clock.ts'
import { BackOff } from '../server/back-off.ts'
import { serverAddress } from '../server/server-address.ts'
import { usualStateFolder } from '../state-folder.ts'
import { ConsumerAgent } from './consumer-agent.ts'
import { type ConsumerOptions, consumerUsage, readConsumerOptions } from './consumer-options.ts'
import { taskDoer } from './do-task.ts'
import { obtainCredential } from './obtain-credential.ts'
import { readPackageProfile } from './package-profile.ts'
import { ProfileReports } from './profile-reports.ts'
import { runCommand } from './run-command.ts'
import { SystemFiles } from './system-files.ts'
import { TaskDuty } from './task-duty.ts'

const { version } = packageJson

/** Runs the agent of a consumer until it is stopped or dismissed. Resolves with its exit code; throws for what it could not do. */
export async function runConsumerAgent(
  args: readonly string[],
  surroundings: AgentSurroundings,
  log: Log,
): Promise<number> {
  const { environment, print, stop } = surroundings
  const options = readConsumerOptions(args, environment)
  if (options === 'help' || options === 'version') {
    print(options === 'help' ? consumerUsage : version)
    return 0
  }
  const agent = await compose(options, surroundings, log)
  if (!options.once) return agent.run(stop).then(() => 0)
  const failure = await agent.once(stop)
  if (failure !== undefined) log.error('not done', { reason: failure })
  return failure === undefined ? 0 : 1
}

async function compose(
  options: ConsumerOptions,
  { environment, isRoot }: AgentSurroundings,
  log: Log,
): Promise<ConsumerAgent> {
  const { url, consumer, certificate, registrar, packageCommand, allowReboot, profileMinutes } = options
  const server = await serverAddress(url, options.ca, version)
  const stateFolder = options.stateFolder ?? usualStateFolder(environment, isRoot)
  const credential = await obtainCredential({ server, consumer, certificate, registrar, stateFolder, log })
  const root = resolve(options.root)
  const read = () => readPackageProfile(runCommand, root)
  const profiles = new ProfileReports(read, profileMinutes * 60_000, systemClock, log)
  const doTask = taskDoer({
    ...{ run: runCommand, root, packageCommand, allowReboot },
    files: new SystemFiles(root),
    server: url,
    changed: () => profiles.now(),
  })
  const duty = new TaskDuty(doTask, systemClock, log)
  return new ConsumerAgent({
    ...{ server, consumer, credential, version, duty, profiles, log },
    clock: systemClock,
    backOff: new BackOff(),
  })
}
