import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { deadUrl } from '../testing/scripted-server.ts'

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function deckle(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const program = join(import.meta.dirname, 'main.ts')
  const env = { PATH: process.env['PATH'] ?? '', ...environment }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...args], { env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr })
    })
  })
}

describe('The deckle command', () => {
  test('prints the version of the package', async () => {
    const text = readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')
    const { version } = JSON.parse(text) as { version: string }
    assert.deepEqual(await deckle(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
  })

  test('answers an unknown command with usage and exit code 2', async () => {
    const { code, stdout, stderr } = await deckle(['miror', 'x'])
    assert.deepEqual([code, stdout], [2, ''])
    assert.match(stderr, /unknown command 'miror'/)
    assert.match(stderr, /Usage: deckle/)
  })

  test('says in one line that there is no server, and shows the stack only when asked', async () => {
    const DECKLE_URL = await deadUrl()
    const { code, stdout, stderr } = await deckle(['status'], { DECKLE_URL })
    assert.deepEqual([code, stdout], [1, ''])
    const expected = `deckle: no Deckle server answers at ${DECKLE_URL} (connection refused); start one with`
    assert.ok(stderr.startsWith(expected), stderr)
    assert.equal(stderr.trimEnd().split('\n').length, 1)
    const debugged = await deckle(['status'], { DECKLE_URL, DECKLE_DEBUG: '1' })
    assert.match(debugged.stderr, /\n\s+at /)
  })
})
