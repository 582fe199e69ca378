import { type SeenRequest, scriptedServer } from './scripted-server.ts'

export interface RancherScript {
  /** What a look at the task shows, by how often it was looked at; the last one stays. */
  readonly looks: readonly Readonly<Record<string, unknown>>[]
  readonly hostPulls?: readonly Readonly<Record<string, unknown>>[]
  readonly hosts?: readonly Readonly<Record<string, unknown>>[]
  readonly images?: readonly Readonly<Record<string, unknown>>[]
  /** Answered to the POST in the task's place. */
  readonly refusal?: { readonly status: number; readonly [member: string]: unknown }
  /** What links begin with; a proxy may not know how it is called from outside. */
  readonly origin?: string
}

/** A server that speaks as much of the Rancher API as Deckle's own clients use, with one project, `1a5`. */
export async function scriptedRancher(script: RancherScript): Promise<{ url: string; requests: SeenRequest[] }> {
  const origin = script.origin ?? 'http://inner.invalid'
  const at = (path: string) => `${origin}/v1/${path}`
  const task = { id: '1pt1', type: 'pullTask', links: { self: at('x/1pt1'), hostPulls: at('x/1pt1/pulls') } }
  const list = (data: readonly unknown[] = [], next: string | null = null) => ({ body: { data, pagination: { next } } })
  const schema = (id: string) => ({ id, links: { collection: at(`of/${id}`) } })
  return scriptedServer(({ method, target }, count) => {
    if (target === '/v1') return { body: { links: { schemas: at('all-schemas') } } }
    if (target === '/v1/all-schemas') return list(['project', 'host', 'image', 'pullTask'].map(schema))
    if (target === '/v1/of/project') return list([{ id: '1a5', name: 'Default', state: 'active' }])
    if (target === '/v1/of/host') return list(script.hosts?.slice(0, 1), at('of/host?marker=m1'))
    if (target === '/v1/of/host?marker=m1') return list(script.hosts?.slice(1))
    if (target === '/v1/of/image') return list(script.images)
    if (target === '/v1/of/pullTask' && method === 'POST')
      return script.refusal === undefined
        ? { status: 201, body: task }
        : { status: script.refusal.status, body: script.refusal }
    if (target === '/v1/x/1pt1') return { body: { ...task, ...(script.looks[count] ?? script.looks.at(-1)) } }
    if (target === '/v1/x/1pt1/pulls') return list(script.hostPulls)
    if (target.endsWith('/hosts')) return list(script.hosts)
    return undefined
  })
}
