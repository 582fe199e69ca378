import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../testing/eventually.ts'
import { RancherServer } from '../../testing/rancher-server.ts'
import { openPage, type TinyElement, type TinyPage } from '../../testing/tiny-page.ts'

const browser = { 'user-agent': 'Mozilla/5.0', accept: '*/*' }

let server: RancherServer
before(async () => {
  server = await RancherServer.start()
  await server.resources.create({ type: 'host', owner: 2, name: '<b>host</b>', state: 'active', data: {} })
})
after(() => server.close())

/** What a browser makes of an address, with the cookie of the first answer. */
async function visit(target: string): Promise<TinyPage> {
  const url = target.startsWith('http') ? target : server.origin + target
  const { text, headers } = await server.get(url, browser)
  const cookie = (headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ')
  const [, inline = ''] = /<script nonce="[\w-]+">(.*?)<\/script>/s.exec(text) ?? []
  const script = await server.get(/src="([^"]+)"/.exec(text)?.[1] ?? '')
  const sending: typeof fetch = (address, init) =>
    fetch(address, { ...init, headers: { ...init?.headers, cookie, 'user-agent': 'Mozilla/5.0' } })
  const page = openPage(url, cookie, [inline, script.text], sending)
  await eventually(() => page.body.children.length > 0)
  return page
}

function named(page: TinyPage, name: string, text: string): TinyElement {
  const found = page.body.all(name).find((element) => element.text === text)
  assert.ok(found, `no ${name} ${text} in ${page.body.text}`)
  return found
}

describe('The page in a browser', () => {
  it('shows a list as text, and leads to what is in it', async () => {
    const page = await visit('/v1/projects/1a2/hosts')
    assert.equal(named(page, 'a', '1h3').attributes.get('href'), `${server.origin}/v1/projects/1a2/hosts/1h3`)
    named(page, 'td', '<b>host</b>')
    assert.deepEqual(page.body.all('b'), [])
    assert.deepEqual(page.body.all('button'), [])
  })

  it('makes a new one with a form of the schema', async () => {
    const page = await visit('/v1/projects/1a2/pulltasks')
    named(page, 'button', 'New pullTask').fire('click')
    const [form] = page.body.all('form')
    const { mode, image, labels } = form?.elements ?? {}
    assert.deepEqual([mode?.value, image?.value], ['all', ''])
    if (image && labels) [image.value, labels.value] = ['busybox', '{"a":"b"}']
    form?.fire('submit')
    await eventually(() => page.went.length > 0)
    const made = (await server.get(page.went[0] ?? '')).json
    assert.deepEqual([made['image'], made['labels'], made['mode']], ['busybox', { a: 'b' }, 'all'])
  })

  it('says what is wrong with what was given', async () => {
    const page = await visit('/v1/projects/1a2/pulltasks')
    named(page, 'button', 'New pullTask').fire('click')
    page.body.all('form')[0]?.fire('submit')
    await eventually(() => page.body.text.includes('MissingRequired'))
    assert.match(page.body.text, /422 · MissingRequired · image/)
    assert.deepEqual(page.went, [])
  })

  it('does what a resource offers, with the token of its cookie', async () => {
    const { key } = await server.resources.create({ type: 'host', owner: 2, state: 'active', data: {} })
    const page = await visit(`/v1/projects/1a2/hosts/1h${key}`)
    const buttons = page.body.all('button').map((button) => button.text)
    assert.deepEqual(buttons, ['deactivate', 'update', 'Edit', 'Delete'])
    named(page, 'button', 'deactivate').fire('click')
    await eventually(() => page.went.length > 0)
    assert.equal((await server.resources.get(['host'], key)).state, 'deactivating')
  })

  it('changes and deletes what it may', async () => {
    const { key } = await server.resources.create({ type: 'host', owner: 2, name: 'old', state: 'inactive', data: {} })
    const page = await visit(`/v1/projects/1a2/hosts/1h${key}`)
    named(page, 'button', 'Edit').fire('click')
    const [form] = page.body.all('form')
    const field = form?.elements['name']
    assert.equal(field?.value, 'old')
    if (field) field.value = 'new'
    form?.fire('submit')
    await eventually(() => page.went.length === 1)
    assert.equal((await server.resources.get(['host'], key)).name, 'new')
    named(page, 'button', 'Delete').fire('click')
    await eventually(() => page.went.length === 2)
    assert.equal((await server.resources.get(['host'], key)).state, 'removing')
  })

  it('shows errors and the root of a version too', async () => {
    named(await visit('/v1/nonsense'), 'h1', '404 Not Found')
    const page = await visit('/v1')
    assert.equal(named(page, 'a', `${server.origin}/v1/hosts`).attributes.get('href'), `${server.origin}/v1/hosts`)
  })
})
