import { type RawBuilder, sql } from 'kysely'

/** Readers follow a switch within 5 s and may be in the middle of a look-up; twice that. */
const marginSeconds = 10

/** Conditions over a row `unit`. They hold for a moment only, unless the row is locked and they are asked after that. */
export const unheld = sql<boolean>`NOT EXISTS (
  SELECT FROM membership JOIN repository ON repository.id = membership.repository
  WHERE membership.unit = unit.id AND (membership.removed_in IS NULL OR membership.removed_in > repository.latest))`

/** No repository holds any revision of its key. */
export const keyUnheld = sql<boolean>`NOT EXISTS (
  SELECT FROM unit AS revision JOIN membership ON membership.unit = revision.id
  JOIN repository ON repository.id = membership.repository
  WHERE revision.wire_id = unit.wire_id AND (membership.removed_in IS NULL OR membership.removed_in > repository.latest))`

/** A publication has it that is live, in grace or being made. */
export function published(graceSeconds: number): RawBuilder<boolean> {
  return sql<boolean>`EXISTS (
    SELECT FROM membership JOIN publication ON publication.repository = membership.repository
      AND membership.added_in <= publication.version
      AND (membership.removed_in IS NULL OR membership.removed_in > publication.version)
    WHERE membership.unit = unit.id AND (publication.superseded_at IS NULL
      OR publication.superseded_at > now() - make_interval(secs => ${graceSeconds + marginSeconds})
      OR EXISTS (SELECT FROM live_publication WHERE live_publication.publication = publication.id)))`
}
