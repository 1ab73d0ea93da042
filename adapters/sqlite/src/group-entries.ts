import type { Position } from "@reactive-domain/core";
import { EntryState } from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import type { ClaimFacts, GroupEntry } from "./group-entry.ts";
import { GroupLooks } from "./group-looks.ts";

const { ready, suspect, delayed, behind, claimed, parked } = EntryState;
const CLEARED = "is_alone = NULL, consumer = NULL, fence = NULL, error = NULL, parked_at = NULL";

/** The rows of entries: looks, and changes, each one statement. */
export class GroupEntries extends GroupLooks {
  readonly #insert: Statement;
  readonly #claim: Statement<[until: number, consumer: string, fence: number, isAlone: number, group: number, position: number]>;
  readonly #joinOthers: Statement<[group: number, consumer: string]>;
  readonly #extend: Statement<[until: number, group: number, position: number]>;
  readonly #wait: Statement<[attempts: number, due: number, isSuspect: number, group: number, position: number]>;
  readonly #hold: Statement<[group: number, position: number]>;
  readonly #letGo: Statement<[nowMs: number, nowMs: number, group: number, position: number]>;
  readonly #wake: Statement<[group: number, nowMs: number]>;
  readonly #park: Statement<[waits: number, error: string, nowMs: number, group: number, position: number]>;
  readonly #remove: Statement<[group: number, position: number]>;
  readonly #removeOf: Statement<[group: number, streamId: number, version: number], string | null>;

  constructor(database: Database) {
    super(database);
    const set = (changes: string): string => `UPDATE group_entries SET ${changes} WHERE group_id = ? AND position = ?`;
    this.#insert = database.prepare(
      "INSERT INTO group_entries (group_id, position, key, in_line, state, at, due, attempts, is_suspect, is_alone, consumer, fence) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)",
    );
    this.#claim = database.prepare(set(`state = ${claimed}, attempts = attempts + 1, at = ?, consumer = ?, fence = ?, is_alone = ?`));
    this.#joinOthers = database.prepare("UPDATE group_entries SET is_alone = 0 WHERE group_id = ? AND consumer = ?");
    this.#extend = database.prepare(set("at = max(at, ?)"));
    this.#wait = database.prepare(
      set(`state = ${behind}, at = 0, in_line = key IS NOT NULL, ${CLEARED}, attempts = ?, due = ?, is_suspect = ?`),
    );
    this.#hold = database.prepare(set(`state = ${behind}, at = 0`));
    this.#letGo = database.prepare(
      set(
        `state = CASE WHEN is_suspect = 1 THEN ${suspect} WHEN due <= ? THEN ${ready} ELSE ${delayed} END, ` +
          "at = CASE WHEN is_suspect = 1 OR due <= ? THEN 0 ELSE due END",
      ),
    );
    this.#wake = database.prepare(
      `UPDATE group_entries SET state = ${ready}, at = 0 WHERE group_id = ? AND state = ${delayed} AND at <= ?`,
    );
    this.#park = database.prepare(
      set(`state = ${parked}, at = 0, ${CLEARED}, is_suspect = 0, in_line = key IS NOT NULL AND ?, error = ?, parked_at = ?`),
    );
    this.#remove = database.prepare("DELETE FROM group_entries WHERE group_id = ? AND position = ?");
    this.#removeOf = database
      .prepare<[number, number, number], string | null>(
        "DELETE FROM group_entries WHERE group_id = ? AND position IN " +
          "(SELECT position FROM events WHERE stream_id = ? AND version <= ?) RETURNING key",
      )
      .pluck();
  }

  /** A new entry, at the end of its key's line: with a consumer at once, or waiting for another. */
  add(group: number, { position, key }: Pick<GroupEntry, "position" | "key">, nowMs: number, claim?: ClaimFacts): void {
    const [state, at, attempts] = claim === undefined ? [behind, 0, 0] : [claimed, claim.untilMs, 1];
    const facts = claim === undefined ? [null, null, null] : [claim.isAlone ? 1 : 0, claim.consumer, claim.fence];
    this.#insert.run(group, position, key, key === null ? 0 : 1, state, at, nowMs, attempts, ...facts);
  }

  claim(group: number, position: Position, { consumer, fence, untilMs, isAlone }: ClaimFacts): void {
    this.#claim.run(untilMs, consumer, fence, isAlone ? 1 : 0, group, position);
  }

  /** What a consumer holds is not alone any more. */
  joinOthers(group: number, consumer: string): void {
    this.#joinOthers.run(group, consumer);
  }

  extend(group: number, position: Position, untilMs: number): void {
    this.#extend.run(untilMs, group, position);
  }

  /** Has it wait at its place in line, until {@link letGo}. */
  wait(group: number, position: Position, { attempts, due, isSuspect }: { attempts: number; due: number; isSuspect: boolean }): void {
    this.#wait.run(attempts, Math.min(due, Number.MAX_SAFE_INTEGER), isSuspect ? 1 : 0, group, position);
  }

  /** Has one that might be delivered wait behind another. */
  hold(group: number, position: Position): void {
    this.#hold.run(group, position);
  }

  /** Nothing of its key is before it any more: it may be delivered when it is due. */
  letGo(group: number, position: Position, nowMs: number): void {
    this.#letGo.run(nowMs, nowMs, group, position);
  }

  /** Those that have become due may be delivered. */
  wake(group: number, nowMs: number): void {
    this.#wake.run(group, nowMs);
  }

  park(group: number, position: Position, facts: { error: string; nowMs: number; staysInLine: boolean }): void {
    this.#park.run(facts.staysInLine ? 1 : 0, facts.error, facts.nowMs, group, position);
  }

  remove(group: number, position: Position): void {
    this.#remove.run(group, position);
  }

  /** Removes those of a stream's events up to a version; tells their keys. */
  removeOf(group: number, streamId: number, lastVersion: number): readonly (string | null)[] {
    return this.#removeOf.all(group, streamId, lastVersion);
  }
}
