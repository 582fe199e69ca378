import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CliError } from './cli-error.ts'

const schemes = ['http:', 'https:', 'file:']

/**
 * Reads a feed as people type it: an address, or the path of a local folder, which becomes a `file:` address.
 * Throws CliError for anything else.
 */
export function parseFeed(argument: string, cwd: string): string {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(argument) && URL.canParse(argument) ? new URL(argument) : undefined
  if (url !== undefined) return requireScheme(url, argument)
  const folder = resolve(cwd, argument)
  if (existsSync(folder)) return pathToFileURL(folder.endsWith('/') ? folder : `${folder}/`).href
  throw new CliError(`${argument} is neither an address (https://…) nor a folder on this machine`, 2)
}

function requireScheme(url: URL, argument: string): string {
  if (schemes.includes(url.protocol)) return argument
  throw new CliError(`${url.protocol}// is not a kind of feed; use http://, https:// or file://`, 2)
}

/**
 * The id that a repository gets from its feed: the last component of the path, else the host. Only characters that
 * the API allows (pulp2-api §1.2). Throws CliError when nothing is left.
 */
export function repositoryIdOf(feed: string): string {
  const url = new URL(feed)
  const last = url.pathname.split('/').findLast((part) => part !== '')
  const id = sanitise(decode(last ?? url.hostname))
  if (id === '') throw new CliError('the feed gives no name for the repository; choose one with --id', 2)
  return id
}

/** Throws CliError for an id that the API would refuse. */
export function requireRepositoryId(id: string): string {
  if (/^[.\-_A-Za-z0-9]+$/.test(id)) return id
  throw new CliError(`${JSON.stringify(id)} cannot be a repository's id; letters, digits, ".", "-" and "_" can`, 2)
}

function sanitise(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{Mark}/gu, '')
  return plain.replace(/[^.\-_A-Za-z0-9]+/g, '-').replace(/^[-.]+|[-.]+$/g, '')
}

function decode(component: string): string {
  try {
    return decodeURIComponent(component)
  } catch {
    return component
  }
}

/** Whether two feeds are one upstream: credentials (which servers mask) and a last slash make no difference. */
export function isSameFeed(one: string, other: string): boolean {
  return bare(one) === bare(other)
}

function bare(feed: string): string {
  if (!URL.canParse(feed)) return feed
  return withoutCredentials(feed).url.replace(/\/$/, '')
}

/** Splits a feed into the address and the user with its password, since fetch takes no address with both. */
export function withoutCredentials(feed: string): { url: string; username: string; password: string } {
  const url = new URL(feed)
  const { username, password } = url
  url.username = ''
  url.password = ''
  return { url: url.href, username: decode(username), password: decode(password) }
}

/** The address of a file below a feed; a query of the feed (some vendors put a token there) stays. */
export function belowFeed(feed: string, path: string): string {
  const url = new URL(feed)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`
  return url.href
}
