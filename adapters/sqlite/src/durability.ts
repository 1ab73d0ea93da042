import { StoreUnavailable } from "@reactive-domain/persistence";
import type { Database } from "better-sqlite3";

const DURABLE = "SQLite, journal_mode=wal, synchronous=FULL";
/** By the number that SQLite tells. */
const SYNCHRONOUS = ["OFF", "NORMAL", "FULL", "EXTRA"];

/** The settings of a connection on which it depends what an acknowledged write survives, read back. */
export function durabilityOf(database: Database): string {
  const [journalMode, synchronous] = ["journal_mode", "synchronous"].map((name) => database.pragma(name, { simple: true }));
  return durabilityText(String(journalMode), Number(synchronous));
}

/** Settings as SQLite tells them. */
export function durabilityText(journalMode: string, synchronous: number): string {
  return `SQLite, journal_mode=${journalMode}, synchronous=${SYNCHRONOUS[synchronous]}`;
}

/** SQLite keeps its own counsel where a file system cannot do what was asked. Errors: `store-unavailable`. */
export function refuseUnlessDurable(database: Database, file: string): void {
  const actual = durabilityOf(database);
  if (actual === DURABLE) return;
  throw new StoreUnavailable(file, `is used as ${actual} where ${DURABLE} was asked for; put it on a local file system`, {
    retryable: false,
  });
}
