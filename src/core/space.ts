/** Says whether there is room for more content on the disks of this server. */
export interface SpaceGauge {
  /** Why no more may be stored now, in words for people (place, free, floor); undefined when there is room. */
  shortage(): Promise<string | undefined>
}
