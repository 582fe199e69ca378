/** What may be done to a thing, in the order that Pulp numbers them (pulp2-api §1.6). */
export const permissions = ['create', 'read', 'update', 'delete', 'execute'] as const

export type Permission = (typeof permissions)[number]
