/** Whom a schema is for (rancher-api §1.6): inside a project, an account without one, an administrator. */
export type Role = 'project' | 'user' | 'admin'
