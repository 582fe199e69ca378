/** The paths of this API, drawn in one place. Ids are encoded, so any id makes a path that leads back to it. */
export const root = '/pulp/api/v2/'

export const hrefs = {
  repository: (id: string) => `${root}repositories/${encodeURIComponent(id)}/`,
  importer: (repositoryId: string, type: string) =>
    `${hrefs.repository(repositoryId)}importers/${encodeURIComponent(type)}/`,
  version: (repositoryId: string, number: number) => `${hrefs.repository(repositoryId)}versions/${number}/`,
  distributor: (repositoryId: string, id: string) =>
    `${hrefs.repository(repositoryId)}distributors/${encodeURIComponent(id)}/`,
  repositoryGroup: (id: string) => `${root}repo_groups/${encodeURIComponent(id)}/`,
  groupDistributor: (groupId: string, id: string) =>
    `${hrefs.repositoryGroup(groupId)}distributors/${encodeURIComponent(id)}/`,
  consumer: (id: string) => `${root}consumers/${encodeURIComponent(id)}/`,
  binding: (consumerId: string, repositoryId: string, distributorId: string) =>
    `${hrefs.consumer(consumerId)}bindings/${encodeURIComponent(repositoryId)}/${encodeURIComponent(distributorId)}/`,
  consumerProfile: (consumerId: string, contentType: string) =>
    `${hrefs.consumer(consumerId)}profiles/${encodeURIComponent(contentType)}/`,
  consumerGroup: (id: string) => `${root}consumer_groups/${encodeURIComponent(id)}/`,
  contentSource: (id: string) => `${root}content/sources/${encodeURIComponent(id)}/`,
  eventListener: (id: string) => `${root}events/${encodeURIComponent(id)}/`,
  user: (login: string) => `${root}users/${encodeURIComponent(login)}/`,
  role: (id: string) => `${root}roles/${encodeURIComponent(id)}/`,
  task: (id: string) => `${root}tasks/${encodeURIComponent(id)}/`,
  taskGroup: (id: string) => `${root}task_groups/${encodeURIComponent(id)}/`,
  unit: (type: string, id: string) => `${root}content/units/${encodeURIComponent(type)}/${encodeURIComponent(id)}/`,
  upload: (id: string) => `${root}content/uploads/${encodeURIComponent(id)}/`,
  orphans: (type: string) => `${root}content/orphans/${encodeURIComponent(type)}/`,
  orphan: (type: string, id: string) => `${hrefs.orphans(type)}${encodeURIComponent(id)}/`,
  plugin: (kind: 'types' | 'importers' | 'distributors', id: string) =>
    `${root}plugins/${kind}/${encodeURIComponent(id)}/`,
} as const
