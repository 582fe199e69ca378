/** Listeners of events, and events on their way to them (pulp2-api §13). */
export const eventTables: readonly string[] = [
  `CREATE TABLE event_listener (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notifier_type text COLLATE "C" NOT NULL,
    config jsonb NOT NULL,
    event_types text[] COLLATE "C" NOT NULL,
    created timestamptz NOT NULL DEFAULT now())`,
  `CREATE TABLE event_delivery (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    listener bigint NOT NULL REFERENCES event_listener ON DELETE CASCADE,
    type text COLLATE "C" NOT NULL,
    payload jsonb NOT NULL,
    task_id uuid,
    created timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempt integer NOT NULL DEFAULT 0,
    due timestamptz NOT NULL DEFAULT clock_timestamp())`,
  `CREATE INDEX event_delivery_listener ON event_delivery (listener, id)`,
]
