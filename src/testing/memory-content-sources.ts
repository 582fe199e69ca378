import type { ContentSource, ContentSources } from '../core/content-source.ts'

/** Sources that a test declares. */
export class MemoryContentSources implements ContentSources {
  readonly all: ContentSource[] = []

  async list(): Promise<readonly ContentSource[]> {
    return this.all
  }
}

/** A yum repository as a source. */
export function aContentSource(id: string, baseUrl: string, change: Partial<ContentSource> = {}): ContentSource {
  return {
    id,
    enabled: true,
    priority: 0,
    type: 'yum',
    baseUrls: [baseUrl],
    expiresSeconds: 3600,
    upstream: { feed: baseUrl },
    entries: { enabled: '1', type: 'yum', base_url: baseUrl },
    ...change,
  }
}
