import { openPostgresStore } from "@reactive-domain/postgres";
import { casesWithin, eventStoreCases, type StoreFactory } from "@reactive-domain/testing/conformance";
import pg from "pg";
import { afterAll, describe, it } from "vitest";

const url = "postgres://postgres@127.0.0.1:5432/test";
const run = Math.random().toString(36).slice(2, 8);
let stores = 0;
const pool = new pg.Pool({ connectionString: url, max: 40 });
const open: StoreFactory = () => openPostgresStore(pool, { schema: `c_${run}_${stores++}` });
afterAll(async () => {
  for (let n = 0; n < stores; n++) await pool.query(`DROP SCHEMA IF EXISTS c_${run}_${n} CASCADE`);
  await pool.end();
});
await using store = await open();

describe("the PostgreSQL store keeps the promises of the event store port", () => {
  for (const { name, behaviours, run: runCase } of casesWithin(store.gaps, eventStoreCases)) {
    it([name, ...behaviours].join(" | "), () => runCase(open), 30_000);
  }
});
