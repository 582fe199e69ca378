/** Users, and what they may do. */
export const accessTables: readonly string[] = [
  `CREATE TABLE account (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    password_hash text,
    created timestamptz NOT NULL DEFAULT now())`,
  `CREATE TABLE role (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    display_name text NOT NULL,
    description text,
    created timestamptz NOT NULL DEFAULT now())`,
  `CREATE TABLE account_role (
    account integer NOT NULL REFERENCES account ON DELETE CASCADE,
    role integer NOT NULL REFERENCES role ON DELETE CASCADE,
    PRIMARY KEY (account, role))`,
  `CREATE INDEX account_role_role ON account_role (role)`,
  `CREATE TABLE permission (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    resource text COLLATE "C" NOT NULL UNIQUE,
    created timestamptz NOT NULL DEFAULT now())`,
  `CREATE TABLE account_grant (
    account integer NOT NULL REFERENCES account ON DELETE CASCADE,
    permission integer NOT NULL REFERENCES permission ON DELETE CASCADE,
    operations smallint NOT NULL,
    PRIMARY KEY (account, permission))`,
  `CREATE INDEX account_grant_permission ON account_grant (permission)`,
  `CREATE TABLE role_grant (
    role integer NOT NULL REFERENCES role ON DELETE CASCADE,
    resource text COLLATE "C" NOT NULL,
    operations smallint NOT NULL,
    PRIMARY KEY (role, resource))`,
  `CREATE TABLE access_token (
    sha256 bytea PRIMARY KEY,
    account integer NOT NULL REFERENCES account ON DELETE CASCADE,
    name text NOT NULL,
    created timestamptz NOT NULL DEFAULT now())`,
  `INSERT INTO role (name, display_name, description)
    VALUES ('super-users', 'Super Users', 'May do everything')`,
  `INSERT INTO role_grant (role, resource, operations) SELECT id, '/', 31 FROM role`,
]
