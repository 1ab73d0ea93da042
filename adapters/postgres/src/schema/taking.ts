import { EntryState } from "@reactive-domain/persistence/adapter";

const { behind, claimed } = EntryState;

/**
 * How `claim` makes entries of what it has taken from the log: a piece of that function, of a table, and its variables. Whether nothing of a key is left that was not chosen,
 * what is last in its line tells.
 */
export interface Taking {
  readonly variables: string;
  readonly take: (entries: string) => string;
}

const COLUMNS = "group_id, position, key, in_line, state, at, due, attempts, is_suspect";

/** As stores were made by the fourth migration: one entry after another. */
export const TAKES_EACH: Taking = {
  variables: "",
  take: (entries) => `FOR i IN 1 .. coalesce(cardinality(v_taken.places), 0) LOOP
            v_key := v_taken.keys[i];
            v_is_free := true;
            IF v_key IS NOT NULL THEN
              SELECT e.state = ${claimed} AND e.fence = v_fence INTO v_is_free FROM ${entries} e
                WHERE group_id = v_group AND key = v_key COLLATE "C" AND in_line ORDER BY e.position DESC LIMIT 1;
              IF NOT FOUND THEN v_is_free := true; END IF;
            END IF;
            IF v_is_free THEN
              INSERT INTO ${entries} (${COLUMNS}, is_alone, consumer, fence)
                VALUES (v_group, v_taken.places[i], v_key, v_key IS NOT NULL, ${claimed}, v_until, v_now, 1, false, false, p_consumer, v_fence);
            ELSE
              INSERT INTO ${entries} (${COLUMNS})
                VALUES (v_group, v_taken.places[i], v_key, true, ${behind}, 0, v_now, 0, false);
            END IF;
            IF v_is_free THEN
              v_wanted := v_wanted - 1;
              v_count := v_count + 1;
            END IF;
            v_looks := v_looks + 1;
            v_room := v_room - 1;
          END LOOP;`,
};

/** All at once: those of one key are chosen together, or wait together, by what was in line before. */
export const TAKES_ALL: Taking = {
  variables: `
  v_free bigint;
  v_all bigint;`,
  take: (entries) => `WITH taken AS (
            INSERT INTO ${entries} (${COLUMNS}, is_alone, consumer, fence)
              SELECT v_group, t.place, t.key, t.key IS NOT NULL, CASE WHEN t.is_free THEN ${claimed} ELSE ${behind} END,
                  CASE WHEN t.is_free THEN v_until ELSE 0 END, v_now, CASE WHEN t.is_free THEN 1 ELSE 0 END, false,
                  CASE WHEN t.is_free THEN false END, CASE WHEN t.is_free THEN p_consumer END, CASE WHEN t.is_free THEN v_fence END
                FROM (SELECT u.place, u.key, coalesce(l.is_free, true) AS is_free
                  FROM unnest(v_taken.places, v_taken.keys) u (place, key)
                  LEFT JOIN LATERAL (SELECT e.state = ${claimed} AND e.fence = v_fence AS is_free FROM ${entries} e
                    WHERE group_id = v_group AND key = u.key COLLATE "C" AND in_line ORDER BY e.position DESC LIMIT 1) l ON true) t
              RETURNING state)
            SELECT count(*) FILTER (WHERE state = ${claimed}), count(*) INTO v_free, v_all FROM taken;
          v_wanted := v_wanted - v_free;
          v_count := v_count + v_free;
          v_looks := v_looks + v_all;
          v_room := v_room - v_all;`,
};
