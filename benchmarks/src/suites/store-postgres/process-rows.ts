import { openPostgresStore } from "@reactive-domain/postgres";
import { compare } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { rowOf } from "../row-of.ts";
import { appendInProcesses, type ProcessLoad } from "./append-processes.ts";
import { dropSchema } from "./our-store.ts";
import { schemaOf } from "./place.ts";

const ROUNDS = 3;
const APPENDS = 48_000;
const PROCESSES = 4;
const MANY = 256;

/** Four processes beside one, and four logs beside one. Every append expects the version of its stream: a conflict ends the run. */
export async function processRows(url: string): Promise<readonly BenchRow[]> {
  const schemas = Array.from({ length: PROCESSES }, (_, index) => schemaOf(`log${index}`));
  try {
    for (const schema of schemas) await (await openPostgresStore(url, { schema })).close();
    const rows = await measured(url, schemas);
    for (const schema of schemas) await refuseHoles(url, schema);
    return rows;
  } finally {
    for (const schema of schemas) await dropSchema(url, schema);
  }
}

async function measured(url: string, schemas: readonly string[]): Promise<readonly BenchRow[]> {
  const [schema = ""] = schemas;
  const each = (callers: number, place: (index: number) => string): readonly ProcessLoad[] =>
    schemas.map((_, index) => ({ schema: place(index), callers, appends: APPENDS / PROCESSES }));
  const one = appendInProcesses(url, [{ schema, callers: MANY, appends: APPENDS }]);
  const equal = appendInProcesses(
    url,
    each(MANY / PROCESSES, () => schema),
  );
  const many = appendInProcesses(
    url,
    each(MANY, () => schema),
  );
  const logs = appendInProcesses(
    url,
    each(MANY / PROCESSES, (index) => schemas[index] ?? ""),
  );
  const unit = "events/s";
  return [
    rowOf({
      id: "postgres.append.4p",
      name: "4 processes of 64 callers beside 1 of 256",
      unit,
      ...(await compare(equal, one, ROUNDS)),
      target: 0.8,
    }),
    rowOf({
      id: "postgres.append.4p.256",
      name: "4 processes of 256 callers beside 1 of 256",
      unit,
      ...(await compare(many, one, ROUNDS)),
      target: 1,
    }),
    rowOf({
      id: "postgres.logs.4",
      name: "4 logs of 1 process of 64 callers each beside 1 log of all",
      unit,
      ...(await compare(logs, equal, ROUNDS)),
      target: 1,
    }),
  ];
}

async function refuseHoles(url: string, schema: string): Promise<void> {
  await using store = await openPostgresStore(url, { schema });
  let expected = 0;
  for await (const { events } of store.read({ all: true }).batches())
    for (const { position } of events) if (position !== expected++) throw new Error(`The log ${schema} has a hole before ${position}.`);
}
