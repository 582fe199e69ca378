import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { recordingTerminal } from '../testing/recording-terminal.ts'
import { type RancherScript, scriptedRancher } from '../testing/scripted-rancher.ts'
import { run } from './run.ts'

async function deckle(args: readonly string[], script: RancherScript) {
  const { url, requests } = await scriptedRancher(script)
  const terminal = recordingTerminal(undefined)
  const code = await run(args, {
    environment: { DECKLE_URL: url, DECKLE_TOKEN: 'abc' },
    cwd: '/',
    terminal,
    onInterrupt: () => () => undefined,
    trust: () => undefined,
    exit: () => undefined,
  })
  return { code, ...terminal, order: requests.find(({ method }) => method === 'POST')?.body }
}

const image = 'busybox:1'
const ended = (status: Readonly<Record<string, string>>) => ({ looks: [{ image, transitioning: 'no', status }] })

describe('deckle pull', () => {
  test('ends with 0 when all hosts are done', async () => {
    const hostPulls = [{ id: 'a', hostName: 'one', phase: 'done' }]
    const { code, notes } = await deckle(['pull', image, '--wait'], { ...ended({ one: 'Done' }), hostPulls })
    assert.deepEqual([code, notes], [0, ['busybox:1: pull task 1pt1', 'one: done']])
  })

  test('ends with 1 when a host has not pulled it, or no host was asked', async () => {
    const failed = await deckle(['pull', image, '--wait'], ended({ one: 'Done', two: 'no such tag' }))
    assert.deepEqual([failed.code, failed.notes.at(-1)], [1, 'deckle: 1 of 2 hosts did not pull busybox:1'])
    const none = await deckle(['pull', image, '--wait'], ended({}))
    assert.deepEqual([none.code, none.notes.at(-1)], [1, 'deckle: no host matches; see `deckle host list`'])
  })

  test('does not wait unless it is told', async () => {
    const { code, printed, order } = await deckle(['pull', image, '--json'], ended({ one: 'no such tag' }))
    assert.equal(code, 0)
    assert.equal(JSON.parse(printed.join('')).id, '1pt1')
    assert.deepEqual(order, { image, mode: 'all' })
  })

  test('asks for hosts that have all labels', async () => {
    const args = ['pull', image, '--label', 'zone=eu', '--label', 'disk=ssd', '--mode', 'cached']
    const { order } = await deckle(args, ended({}))
    const labels = { 'io.rancher.scheduler.affinity:host_label': 'zone=eu,disk=ssd' }
    assert.deepEqual(order, { image, mode: 'cached', labels })
  })

  test('refuses a label that is none, a mode that is none and a project that is none', async () => {
    const label = await deckle(['pull', image, '--label', 'zone'], ended({}))
    assert.deepEqual([label.code, label.order], [2, undefined])
    assert.equal((await deckle(['pull', image, '--mode', 'some'], ended({}))).code, 2)
    const project = await deckle(['pull', image, '--project', 'Other'], ended({}))
    assert.deepEqual(project.notes, ['deckle: no project Other; there are: Default (1a5)'])
    assert.equal(project.code, 1)
  })
})

describe('deckle host list and image list', () => {
  const hosts = [
    { id: '1h1', name: 'one', state: 'active', agentState: 'active', labels: { zone: 'eu', disk: 'ssd' } },
    { id: '1h2', name: null, hostname: 'two.example.com', state: 'active', agentState: null, labels: null },
  ]

  test('show hosts with their labels', async () => {
    const { code, printed } = await deckle(['host', 'list'], { looks: [], hosts })
    assert.equal(code, 0)
    assert.deepEqual(printed.join('').split('\n'), [
      'ID   NAME             STATE   AGENT   LABELS',
      '1h1  one              active  active  zone=eu,disk=ssd',
      '1h2  two.example.com  active',
    ])
  })

  test('show images with the hosts that have them', async () => {
    const images = [
      { id: '1i4', name: image, state: 'active', links: { hosts: 'http://inner.invalid/v1/images/1i4/hosts' } },
    ]
    const { printed } = await deckle(['image', 'list'], { looks: [], hosts, images })
    assert.match(printed.join(''), /^1i4 {2}busybox:1 {2}active {2}one, two\.example\.com$/m)
  })
})
