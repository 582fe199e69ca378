import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { serverCertificate } from '../testing/certificates.ts'
import { recordingTerminal } from '../testing/recording-terminal.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { CliError } from './cli-error.ts'
import { createProgram } from './program.ts'
import type { Surroundings } from './surroundings.ts'
import { trustAuthorities } from './trust-authorities.ts'

/** A data folder with the authority of its server, and a file with another one. */
async function prepared() {
  const cwd = await temporaryFolder()
  await mkdir(join(cwd, 'data', 'tls'), { recursive: true })
  await writeFile(join(cwd, 'data', 'tls', 'ca.pem'), `local ${serverCertificate}`)
  await writeFile(join(cwd, 'other.pem'), `other ${serverCertificate}`)
  await writeFile(join(cwd, 'none.pem'), 'text')
  const trusted: string[] = []
  const trust = (pem: string) => void trusted.push(pem.split(' ')[0] ?? '')
  const trustWith = (environment: Record<string, string>, chosen?: string) => {
    const given = { DECKLE_DATA_DIR: 'data', ...environment }
    trustAuthorities({ cwd, environment: given, trust }, chosen)
    return trusted.splice(0)
  }
  return { cwd, trust, trusted, trustWith }
}

describe('The command line', () => {
  it('trusts the authorities that it is told of, by an option before the environment', async () => {
    const { cwd, trustWith } = await prepared()
    const other = join(cwd, 'other.pem')
    const local = join(cwd, 'data', 'tls', 'ca.pem')
    assert.deepEqual(trustWith({ DECKLE_CA: other }), ['other'])
    assert.deepEqual(trustWith({ DECKLE_CA: other }, local), ['local'])
  })

  it('trusts those of a server of this clone only where that is asked over TLS, on this machine', async () => {
    const { trustWith } = await prepared()
    for (const url of ['https://127.0.0.1:8443', 'https://localhost:8443']) {
      assert.deepEqual(trustWith({ DECKLE_URL: url }), ['local'])
      assert.deepEqual(trustWith({ DECKLE_URL: url, DECKLE_DATA_DIR: 'elsewhere' }), [])
    }
    for (const url of ['http://127.0.0.1:8080', 'https://deckle.example.com', 'rubbish']) {
      assert.deepEqual(trustWith({ DECKLE_URL: url }), [])
    }
    assert.deepEqual(trustWith({}), [])
  })

  it('names a file that it cannot use', async () => {
    const { cwd, trustWith } = await prepared()
    for (const [path, reason] of [
      [join(cwd, 'none.pem'), /none\.pem holds no certificate/],
      [join(cwd, 'nothing.pem'), /nothing\.pem: ENOENT/],
    ] as const) {
      assert.throws(
        () => trustWith({}, path),
        (error) => error instanceof CliError && reason.test(error.message),
      )
    }
  })

  it('takes the option before and after a command, and leaves the agent and the server alone', async () => {
    const { cwd, trust, trusted } = await prepared()
    const other = join(cwd, 'other.pem')
    const surroundings: Surroundings = {
      ...{ cwd, environment: {}, trust, terminal: recordingTerminal(undefined) },
      ...{ onInterrupt: () => () => undefined, exit: () => undefined },
    }
    const asked: string[] = []
    const connect = () => {
      asked.push(...trusted.splice(0))
      throw new Error('enough')
    }
    for (const args of [
      ['--ca', other, 'status'],
      ['status', '--ca', other],
    ]) {
      await assert.rejects(createProgram(surroundings, connect).parseAsync(args, { from: 'user' }), /enough/)
    }
    assert.deepEqual(asked, ['other', 'other'])
    await createProgram(surroundings, connect).parseAsync(['agent', '--ca', other, '--url', 'nonsense'], {
      from: 'user',
    })
    assert.deepEqual(trusted, [])
  })
})
