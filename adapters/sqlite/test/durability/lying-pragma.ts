import Database from "better-sqlite3";

/** Loaded before everything else: the store asks for `synchronous = FULL`, gets what LIE says, and reads back that it has FULL. */
const FULL = 2;
const ASKED = /^synchronous = FULL$/;
const { pragma } = Database.prototype;

Database.prototype.pragma = function lie(this: Database.Database, source: string, options?: Database.PragmaOptions): unknown {
  if (source === "synchronous") return FULL;
  return pragma.call(this, source.replace(ASKED, `synchronous = ${process.env["LIE"]}`), options);
};
