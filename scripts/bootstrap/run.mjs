import { spawn } from 'node:child_process'
import { hearsTheTerminal } from './process-identity.mjs'
import { BootstrapError, Interrupted } from './say.mjs'

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']

/**
 * Becomes `command`. Where this Node can, the process is replaced (same pid, no memory kept); otherwise a child is run
 * and this process ends as the child did.
 * @param {string} command an absolute path
 * @param {string[]} args
 * @param {Record<string, string | undefined>} environment
 */
export async function become(command, args, environment) {
  // process.execve: Node 22.15 and later.
  if (process.execve !== undefined) process.execve(command, [command, ...args], defined(environment))
  endLike(await run(command, args, environment))
}

/**
 * Runs a child on our standard streams and passes signals on to it.
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null }>}
 */
export function run(command, args, environment, options = {}) {
  const child = spawn(command, args, { env: environment, stdio: 'inherit', ...options })
  const stop = forwardSignals(child)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve({ code, signal }))
  }).finally(stop)
}

/**
 * Runs a child silently; its output is shown when it fails.
 * @param {string} what for the error message
 */
export async function runQuietly(what, command, args, options) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = []
  child.stdout.on('data', (chunk) => output.push(chunk))
  child.stderr.on('data', (chunk) => output.push(chunk))
  let interrupted
  const stop = forwardSignals(child, (signal) => {
    interrupted = signal
  })
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  }).finally(stop)
  if (interrupted !== undefined) throw new Interrupted(interrupted)
  if (code === 0) return
  throw new BootstrapError(`${what} failed:\n${shortened(Buffer.concat(output).toString().trimEnd())}`)
}

/** The first lines say what is wrong; npm follows with pages of usage. */
function shortened(/** @type {string} */ text) {
  const lines = text.split('\n')
  return lines.length <= 40 ? text : [...lines.slice(0, 36), '…', ...lines.slice(-3)].join('\n')
}

/** Ends this process with the exit code of a child, or by the signal that ended it. */
export function endLike({ code, signal }) {
  if (signal === null) process.exit(code)
  endBy(signal)
}

export function endBy(signal) {
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

/** A Ctrl-C in the terminal reaches the child by itself; passing it on would be a second one. */
function forwardSignals(child, tell = () => {}) {
  const handlers = forwarded.map((name) => {
    const fromTerminal = name === 'SIGINT' || name === 'SIGQUIT'
    const handler = () => {
      tell(name)
      if (!(fromTerminal && hearsTheTerminal())) child.kill(name)
    }
    process.on(name, handler)
    return { name, handler }
  })
  return () => {
    for (const { name, handler } of handlers) process.off(name, handler)
  }
}

function defined(environment) {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined))
}
