import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { RancherResource } from '../../src/wire/rancher/resource.ts'
import { AgentProcess, type AgentSetup } from './agent-process.ts'
import type { DeckleServer } from './deckle-server.ts'
import { type Fields, GdapiClient } from './gdapi-client.ts'
import { adminClient, newKey } from './rancher-servers.ts'
import { testFolder } from './servers.ts'

/** A project of a test's own, with the hosts that join it. */
export class Fleet {
  readonly gdapi: GdapiClient
  /** What the project's key is sent as. */
  readonly authorization: string
  readonly #server: DeckleServer
  readonly #token: string

  private constructor(server: DeckleServer, gdapi: GdapiClient, authorization: string, token: string) {
    this.#server = server
    this.gdapi = gdapi
    this.authorization = authorization
    this.#token = token
  }

  static async in(server: DeckleServer, name: string): Promise<Fleet> {
    const admin = await adminClient(server)
    const project = await admin.waitSuccess(await admin.create('project', { name }))
    const authorization = await newKey(admin, { accountId: project.id })
    const gdapi = await GdapiClient.start(`${server.url}/v1`, { authorization })
    const token = await gdapi.waitSuccess(await gdapi.create('registrationToken'))
    return new Fleet(server, gdapi, authorization, String(token['token']))
  }

  /** A host with one label, connected. */
  async join(t: TestContext, name: string, label: string, socket: string): Promise<Member> {
    const stateFolder = join(await testFolder(t), 'state')
    const setup = { url: this.#server.url, token: this.#token, name, label, socket, stateFolder }
    const member = { setup, agent: await AgentProcess.start(t, setup) }
    const [host] = (await this.gdapi.list('host', { name })).data
    if (host === undefined) throw new Error(`there is no host ${name}`)
    await this.gdapi.waitSuccess(host)
    return member
  }

  /** The task when all hosts have ended. */
  async pull(image: string, fields: Fields = {}): Promise<RancherResource> {
    return this.gdapi.waitSuccess(await this.gdapi.create('pullTask', { image, ...fields }))
  }
}

export interface Member {
  readonly setup: AgentSetup
  readonly agent: AgentProcess
}

/** Conditions on hosts as pull tasks carry them (rancher-api §3.6). */
export function onHosts(condition: string, kind = 'host_label'): Fields {
  return { labels: { [`io.rancher.scheduler.affinity:${kind}`]: condition } }
}
