/** Where files may be had beside their upstreams. */
export interface ContentSourceTables {
  /** A content source that somebody has looked at, and which of its catalogs is the one to look into. */
  content_source: { name: string; generation: number | null; refreshed: Date | null; taken: Date | null }
  content_catalog: {
    source: string
    generation: number
    algorithm: string
    value: Buffer
    size: number | null
    url: string
  }
}
