import { position } from "@reactive-domain/core";
import { defineListing } from "@reactive-domain/messaging";
import {
  defineReadModels,
  Fenced,
  ProjectionChanged,
  WrongCheckpoint,
  type Acquisition,
  type ProjectionStore,
} from "@reactive-domain/persistence";
import { openSqliteReadModels } from "@reactive-domain/sqlite";
import type { Database } from "better-sqlite3";

const views = defineReadModels("seen-views", { listing: defineListing({ key: "name", fields: { name: "string", count: "number" } }) });
const KEYS = 5;

type Granted = Extract<Acquisition, { readonly record: unknown }>;

/**
 * Takes part in making two projections of the numbers from 0: documents that count how often each rest of a division by 5 came, and a table of the numbers. Takes over from the other
 * processes at every turn, commits a few numbers, and says `done <projection> <number>` of each commit. Ends when both have so many.
 */
async function project(projections: ProjectionStore<Database>, name: string, count: number): Promise<void> {
  await projections.define({ name: "documents", version: 1, shape: { kind: "documents", shape: views } });
  await projections.define({
    name: "numbers",
    version: 1,
    shape: {
      kind: "tables",
      tables: ["numbers"],
      create: (connection, table) => connection.exec(`CREATE TABLE ${table("numbers")} (n INTEGER PRIMARY KEY)`),
    },
  });
  await Promise.all(["documents", "numbers"].map((projection) => work(projections, { projection, name, count })));
}

interface Part {
  readonly projection: string;
  readonly name: string;
  readonly count: number;
}

async function work(projections: ProjectionStore<Database>, part: Part): Promise<void> {
  for (;;) {
    // So short that others take over from one that is at work.
    const granted = await projections.acquire({ projection: part.projection, generation: 1, worker: part.name, leaseMs: 1 });
    if ("heldBy" in granted) continue;
    try {
      if (await commitSome(projections, part, granted)) return;
    } catch (error) {
      if (!(error instanceof Fenced || error instanceof ProjectionChanged || error instanceof WrongCheckpoint)) throw error;
      process.stdout.write(`refused ${error.code}\n`);
    }
  }
}

/** Whether all is done. */
async function commitSome(
  projections: ProjectionStore<Database>,
  { projection, count }: Part,
  { fence, record }: Granted,
): Promise<boolean> {
  const [live] = record.generations;
  const ref = { projection, generation: 1 };
  let place = live?.lanes[0] ?? null;
  for (let turn = 0; turn < 5; turn++) {
    const next = (place ?? -1) + 1;
    if (next >= count) return true;
    const key = `rest-${next % KEYS}`;
    const [json] = projection === "documents" ? await projections.documents(ref, { shape: views, keys: [key] }) : [];
    const known = json === undefined ? 0 : (JSON.parse(json) as { readonly count: number }).count;
    const rows =
      projection === "documents"
        ? { documents: { shape: views, puts: [{ name: key, count: known + 1 }], deletes: [] } }
        : {
            work: (connection: Database, table: (name: string) => string) =>
              connection.prepare(`INSERT INTO ${table("numbers")} VALUES (?)`).run(next),
          };
    const moves = [{ lane: 0, expected: place, position: position(next) }];
    await projections.commit({ ...ref, ...rows, fence, revision: record.revision, moves, handled: 1, entries: [], settled: [] });
    process.stdout.write(`done ${projection} ${next}\n`);
    place = position(next);
  }
  return false;
}

const [path = "", name = "", count = "0"] = process.argv.slice(2);
await using models = await openSqliteReadModels(path);
await project(models.projections, name, Number(count));
