import type { DeckleServer } from './deckle-server.ts'
import { fetchBytes, metadataOf, publishedChecksums, sha256 } from './published.ts'
import { call } from './pulp-calls.ts'

const api = '/pulp/api/v2'

/** What the API says about everything that a server keeps, by the call that asks for it. */
export async function answersOf(server: DeckleServer): Promise<Record<string, unknown>> {
  const repositories = await server.client.repositories()
  const tasks = await server.client.tasks()
  const paths = [
    `${api}/repositories/?details=true`,
    `${api}/tasks/`,
    `${api}/plugins/types/`,
    ...repositories.flatMap(({ id, distributors }) => [
      ...['', 'importers/', 'distributors/', 'history/sync/'].map((rest) => `${api}/repositories/${id}/${rest}`),
      ...(distributors ?? []).flatMap((one) => [
        `${api}/repositories/${id}/distributors/${one.id}/`,
        `${api}/repositories/${id}/history/publish/${one.id}/`,
      ]),
    ]),
    ...tasks.map(({ task_id }) => `${api}/tasks/${task_id}/`),
  ]
  const searches = ['repositories', 'distributors', 'tasks'].map((noun) => `${api}/${noun}/search/`)
  const answers: Record<string, unknown> = {}
  for (const path of paths) answers[path] = await bodyOf(server, 'GET', path)
  for (const path of searches) answers[path] = await bodyOf(server, 'POST', path, { criteria: {} })
  return answers
}

async function bodyOf(server: DeckleServer, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await call(server, method, path, body)
  if (answer.status !== 200)
    throw new Error(`${method} ${path} answers ${answer.status}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

/** sha256 of all that a mirror of packages publishes, metadata included. */
export async function publishedPackages(server: DeckleServer, id: string): Promise<Record<string, string>> {
  const url = `${server.url}/pulp/repos/${id}/`
  return { ...(await metadataOf(url)), ...(await publishedChecksums(url)) }
}

/** sha256 of all that a mirror of plain files publishes, manifest included. */
export async function publishedFiles(server: DeckleServer, id: string): Promise<Record<string, string>> {
  const url = `${server.url}/pulp/isos/${id}/`
  const manifest = (await fetchBytes(`${url}PULP_MANIFEST`)).toString()
  const names = manifest.split('\n').flatMap((line) => (line === '' ? [] : [line.split(',')[0] ?? '']))
  const files: Record<string, string> = { PULP_MANIFEST: manifest }
  for (const name of names) files[name] = sha256(await fetchBytes(url + name))
  return files
}
