import { adminPassword, type DeckleServer } from './deckle-server.ts'
import { type Fields, GdapiClient } from './gdapi-client.ts'

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** Deckle's own administrator. */
export const asAdmin = basic('admin', adminPassword)

export function adminClient({ url }: DeckleServer): Promise<GdapiClient> {
  return GdapiClient.start(`${url}/v1`, { authorization: asAdmin })
}

/** An API key of its own for the first project: who logs in with it is the project. */
export async function projectKey(server: DeckleServer): Promise<string> {
  const admin = await adminClient(server)
  const [project] = (await admin.list('project')).data
  if (project === undefined) throw new Error('the server has no project')
  return newKey(admin, { accountId: project.id })
}

export async function newKey(client: GdapiClient, fields: Fields = {}): Promise<string> {
  const key = await client.create('apiKey', fields)
  await client.waitSuccess(key)
  return basic(String(key['publicValue']), String(key['secretValue']))
}

export async function projectClient(server: DeckleServer, version = 'v1'): Promise<GdapiClient> {
  return GdapiClient.start(`${server.url}/${version}`, { authorization: await projectKey(server) })
}
