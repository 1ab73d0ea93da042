// The floor of the bank: the rows that the bank writes for a deposit (the account's event and stream, the command's receipt and its stream), written by hand
// with better-sqlite3 into tables of the same shape, with the same indexes and the same durability. It knows each account's version and balance from memory, checks
// nothing, and updates a Map as the read model. Events get time-ordered ids, counted up.
import { randomBytes } from "node:crypto";
import { openDurableDatabase } from "./open-durable-database.mjs";

const SCHEMA = `
  CREATE TABLE streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, category TEXT NOT NULL, version INTEGER NOT NULL) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY, stream_id INTEGER NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, category TEXT NOT NULL,
    schema_version INTEGER NOT NULL, time INTEGER NOT NULL, id BLOB NOT NULL, content_type TEXT, metadata TEXT NOT NULL, data ANY NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX by_stream ON events (stream_id, version);
  CREATE UNIQUE INDEX by_id ON events (id, stream_id);
  CREATE INDEX by_category ON events (category);
  CREATE INDEX by_type ON events (type);
`;

/**
 * Opens a new database.
 * @param {string} file
 */
export function openBankFloor(file) {
  const { database, durability } = openDurableDatabase(file, SCHEMA);
  const insertStream = database.prepare("INSERT INTO streams (name, category, version) VALUES (?, ?, ?)");
  const updateStream = database.prepare("UPDATE streams SET version = ? WHERE id = ?");
  const insertEvent = database.prepare("INSERT INTO events VALUES (?, ?, ?, ?, ?, 1, ?, ?, NULL, ?, ?)");
  const accounts = new Map();
  const balances = new Map();
  const nextId = eventIds();
  let position = 0;

  /** @param {string} accountId */
  function open(accountId) {
    const { lastInsertRowid } = insertStream.run(`banking.account-${accountId}`, "banking.account", 0);
    accounts.set(accountId, { streamId: lastInsertRowid, version: 0 });
    balances.set(accountId, 0);
    const data = JSON.stringify({ accountId, owner: "Ann" });
    insertEvent.run(position++, lastInsertRowid, 0, "AccountOpened", "banking.account", Date.now(), nextId(), "{}", data);
  }

  /** @param {{ id: string; payload: { accountId: string; amountCents: number } }} command */
  function deposit({ id, payload: { accountId, amountCents } }) {
    const account = accounts.get(accountId);
    const now = Date.now();
    const metadata = JSON.stringify({ correlationId: id, causationId: id, timeMs: now });
    account.version++;
    const data = JSON.stringify({ accountId, amountCents });
    insertEvent.run(position++, account.streamId, account.version, "AmountDeposited", "banking.account", now, nextId(), metadata, data);
    updateStream.run(account.version, account.streamId);
    const { lastInsertRowid } = insertStream.run(`banking.receipt-${id.replaceAll("-", "")}`, "banking.receipt", 0);
    const receipt = JSON.stringify({ commandId: id, type: "Deposit", fingerprint: "x".repeat(43) });
    insertEvent.run(position++, lastInsertRowid, 0, "CommandAccepted", "banking.receipt", now, nextId(), metadata, receipt);
    balances.set(accountId, balances.get(accountId) + amountCents);
  }

  return {
    durability,
    openAll: database.transaction((accountIds) => accountIds.forEach(open)),
    /** Carries out commands in one transaction. */
    depositAll: database.transaction((commands) => commands.forEach(deposit)),
    close: () => database.close(),
  };
}

function eventIds() {
  let count = 0;
  const random = randomBytes(6);
  return () => {
    const id = Buffer.alloc(16);
    id.writeUIntBE(Date.now(), 0, 6);
    id.writeUInt32BE(count++, 6);
    random.copy(id, 10);
    return id;
  };
}
