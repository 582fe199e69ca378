import type { Command } from 'commander'
import { CliError } from './cli-error.ts'
import { curlLine, dnfRepositoryFile, publishedUrl } from './client-configuration.ts'
import { isLoopback } from './connection.ts'
import type { ContentKind } from './content-kind.ts'
import { parseFeed, repositoryIdOf, requireRepositoryId } from './feed.ts'
import { explainFeedFolders } from './feed-folders.ts'
import { type Mirrored, mirror } from './mirror.ts'
import type { MirrorWish } from './mirror-plan.ts'
import { addJson, type Connect, choiceOf } from './options.ts'
import { reportOutcome } from './report-outcome.ts'
import type { Session } from './surroundings.ts'

interface Options {
  readonly id?: string
  readonly type?: ContentKind
  readonly removeMissing?: boolean
  readonly downloadPolicy?: string
  readonly publish: boolean
  readonly gpgkey?: string
  readonly json?: boolean
}

const policies = ['immediate', 'background', 'on_demand']

export function addMirrorCommand(program: Command, connect: Connect): void {
  const command = program
    .command('mirror <feed>')
    .description('mirror a repository: create or update it, sync it, publish it, and say how clients use it')
    .option('--id <id>', "the repository's id (default: the last part of the feed)")
    .addOption(choiceOf('--type <type>', 'what the feed holds (default: found out from the feed)', ['rpm', 'files']))
    .option('--remove-missing', 'remove what the feed no longer has')
    .addOption(choiceOf('--download-policy <policy>', 'when files are fetched (default: immediate)', policies))
    .option('--no-publish', 'only sync; clients see nothing new')
    .option('--gpgkey <url>', "address of the vendor's key, for the .repo file")
  addJson(command).action(async (feed: string, options: Options) => {
    await run(connect(), feed, options)
  })
}

async function run(session: Session, argument: string, options: Options): Promise<void> {
  const wish = wishFrom(argument, options, session.cwd)
  const mirrored = await explainFeedFolders(wish.feed, () => mirror(session, wish, options.type))
  reportOutcome(session.terminal, wish.id, mirrored.outcome)
  const url = publishedUrl(session.client.connection.url, wish.id, mirrored.distributor)
  if (url === undefined)
    throw new CliError(`${mirrored.distributor.distributor_type_id} has no address known to this CLI`)
  const usage = usageFor(mirrored.kind, wish.id, url, options.gpgkey)
  if (options.json) session.terminal.print(JSON.stringify(summary(wish, mirrored, url, usage), null, 2))
  else if (wish.publish) explainUsage(session, mirrored.kind, wish.id, url, usage)
}

function wishFrom(argument: string, options: Options, cwd: string): MirrorWish {
  const feed = parseFeed(argument, cwd)
  return {
    feed,
    id: options.id === undefined ? repositoryIdOf(feed) : requireRepositoryId(options.id),
    isIdChosen: options.id !== undefined,
    removeMissing: options.removeMissing ?? false,
    ...(options.downloadPolicy !== undefined && { downloadPolicy: options.downloadPolicy }),
    publish: options.publish,
  }
}

function usageFor(kind: ContentKind, id: string, url: string, keyUrl: string | undefined): string {
  return kind === 'rpm' ? dnfRepositoryFile(id, url, keyUrl) : curlLine(url)
}

function summary(wish: MirrorWish, mirrored: Mirrored, url: string, usage: string): object {
  const { outcome, kind } = mirrored
  return { repository: wish.id, type: kind, ...outcome, published: wish.publish, url, usage }
}

function explainUsage(session: Session, kind: ContentKind, id: string, url: string, usage: string): void {
  const { terminal } = session
  terminal.note(`${id}: published at ${url}`)
  if (isLoopback(new URL(url).hostname)) terminal.note('(other machines need a name of this one in its place)')
  if (kind === 'rpm') terminal.note(`To use it, save this as /etc/yum.repos.d/${id}.repo:\n`)
  terminal.print(usage)
}
