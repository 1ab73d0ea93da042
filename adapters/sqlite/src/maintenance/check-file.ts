import { InvalidArgument } from "@reactive-domain/core";
import type { CheckResult, Finding } from "@reactive-domain/persistence";
import Database from "better-sqlite3";
import { ImpossibleVersion } from "../migrations/schema-version.ts";
import { headIn, livesIn } from "./any-schema.ts";
import { atOneMoment, type FileSession } from "./file-session.ts";
import { LAWS, type Law } from "./laws.ts";

const MAX_FINDINGS_OF_A_LAW = 20;
const STORAGE = "storage";

/** Errors: `invalid-argument` unless it is a number of events. */
export function checkMaxJsonEvents(value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgument("maxJsonEvents", "an integer from 0 to 2^53 - 1", value);
}

/** Holds a file to SQLite's own rules, and then to the laws of the log. All of it is read. */
export async function checkFile(session: FileSession, maxJsonEvents: number): Promise<CheckResult> {
  const laws = LAWS.filter(({ since }) => since <= session.schemaVersion);
  return atOneMoment(session, async () => {
    const findings: Finding[] = [...(await damageIn(session))];
    for (const law of laws) findings.push(...(await breachesOf(session, law, maxJsonEvents)));
    return { laws: [STORAGE, ...laws.map(({ name }) => name)], findings };
  });
}

/** What a check came to whose file is so damaged that it could not even be begun; `undefined` for errors of another kind. */
export function asDamage(error: unknown): CheckResult | undefined {
  if (error instanceof ImpossibleVersion) return { laws: [STORAGE], findings: [{ law: STORAGE, problem: error.problem }] };
  return isDamage(error) ? { laws: [STORAGE], findings: findingsOf(STORAGE, [], error) } : undefined;
}

async function damageIn({ sql }: FileSession): Promise<readonly Finding[]> {
  const { rows, failure } = await sql.allSoFar<{ readonly integrity_check: string }>(
    `PRAGMA integrity_check(${MAX_FINDINGS_OF_A_LAW + 1})`,
  );
  const lines = rows
    .flatMap(({ integrity_check: text }) => text.split("\n"))
    .filter((line) => line !== "ok" && line !== "" && !line.startsWith("*** "));
  return findingsOf(
    STORAGE,
    lines.map((line) => `SQLite says: ${line}`),
    failure,
  );
}

async function breachesOf({ sql, schemaVersion }: FileSession, law: Law, maxJsonEvents: number): Promise<readonly Finding[]> {
  const { rows, failure } = await sql.allSoFar<{ readonly problem: string }>(
    `WITH here AS (SELECT ifnull(${headIn(schemaVersion)}, -1) AS head, ? AS json), ${livesIn(schemaVersion)} ${law.breaches} LIMIT ${MAX_FINDINGS_OF_A_LAW + 1}`,
    maxJsonEvents,
  );
  return findingsOf(
    law.name,
    rows.map(({ problem }) => problem),
    failure,
  );
}

/** What one look finds, with damage that it came upon and that ended it; the other looks go on. Other failures are thrown. */
function findingsOf(law: string, problems: readonly string[], failure: Error | undefined): readonly Finding[] {
  if (failure !== undefined && !isDamage(failure)) throw failure;
  const told = problems.slice(0, MAX_FINDINGS_OF_A_LAW);
  if (problems.length > told.length) told.push("There are more of these.");
  if (failure !== undefined) told.push(unreadable(law, problems.length > 0, failure));
  return told.map((problem) => ({ law, problem }));
}

function isDamage(error: unknown): error is InstanceType<typeof Database.SqliteError> {
  return error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|IOERR|NOTADB|ERROR)/.test(error.code);
}

function unreadable(law: string, wasBegun: boolean, { message }: Error): string {
  const much = wasBegun ? " to its end" : "";
  return `The law ${law} could not be looked into${much}: restore the store from a backup; see the guide. SQLite says: ${message}`;
}
