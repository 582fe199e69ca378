/** Connections of a process for its APIs (design-notes §2, budget). */
export const serverConnections = 8

/** Connections of a process for published content. */
export const contentConnections = 4

/** Connections of one worker slot: the operation, its unit stream and its document packs. */
export const slotConnections = 4
