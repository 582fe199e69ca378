/**
 * Consumers and what is theirs (pulp2-api §15). Bindings name repository and distributor, for they outlive them until agents
 * have said so; events name the consumer, for the last one says that it is gone.
 */
export const consumerTables: readonly string[] = [
  `CREATE TABLE consumer (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    display_name text,
    description text,
    notes jsonb NOT NULL,
    capabilities jsonb NOT NULL DEFAULT '{}',
    public_key text,
    created timestamptz NOT NULL DEFAULT now())`,
  `CREATE TABLE binding (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer integer NOT NULL REFERENCES consumer ON DELETE CASCADE,
    repository text COLLATE "C" NOT NULL,
    distributor text COLLATE "C" NOT NULL,
    notify_agent boolean NOT NULL,
    config jsonb NOT NULL,
    deleted boolean NOT NULL DEFAULT false,
    created timestamptz NOT NULL DEFAULT now(),
    UNIQUE (consumer, repository, distributor))`,
  `CREATE INDEX binding_distributor ON binding (repository, distributor)`,
  `CREATE TABLE consumer_profile (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer integer NOT NULL REFERENCES consumer ON DELETE CASCADE,
    content_type text COLLATE "C" NOT NULL,
    profile jsonb NOT NULL,
    hash bytea NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    UNIQUE (consumer, content_type))`,
  `CREATE INDEX consumer_profile_hash ON consumer_profile (content_type, hash)`,
  `CREATE TABLE consumer_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    originator text NOT NULL,
    details jsonb,
    recorded timestamptz NOT NULL DEFAULT clock_timestamp())`,
  `CREATE INDEX consumer_event_consumer ON consumer_event (consumer, id)`,
  `CREATE INDEX consumer_event_recorded ON consumer_event (recorded)`,
  `CREATE TABLE consumer_group (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    display_name text,
    description text,
    notes jsonb NOT NULL,
    created timestamptz NOT NULL DEFAULT now())`,
  `CREATE TABLE consumer_group_member (
    consumer_group integer NOT NULL REFERENCES consumer_group ON DELETE CASCADE,
    consumer integer NOT NULL REFERENCES consumer ON DELETE CASCADE,
    PRIMARY KEY (consumer_group, consumer))`,
  `CREATE INDEX consumer_group_member_consumer ON consumer_group_member (consumer)`,
]
