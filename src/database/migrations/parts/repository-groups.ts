/** Groups of repositories and their distributors (pulp2-api §10). */
export const repositoryGroupTables: readonly string[] = [
  `CREATE TABLE repository_group (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    display_name text,
    description text,
    notes jsonb NOT NULL,
    scratchpad jsonb,
    created timestamptz NOT NULL DEFAULT now())`,
  `CREATE TABLE repository_group_member (
    repository_group integer NOT NULL REFERENCES repository_group ON DELETE CASCADE,
    repository integer NOT NULL REFERENCES repository ON DELETE CASCADE,
    PRIMARY KEY (repository_group, repository))`,
  `CREATE INDEX repository_group_member_repository ON repository_group_member (repository)`,
  `CREATE TABLE group_distributor (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    repository_group integer NOT NULL REFERENCES repository_group ON DELETE CASCADE,
    name text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    config jsonb NOT NULL,
    scratchpad jsonb,
    created timestamptz NOT NULL DEFAULT now(),
    last_publish timestamptz,
    UNIQUE (repository_group, name))`,
]
