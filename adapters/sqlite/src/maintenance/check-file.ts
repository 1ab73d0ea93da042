import type { CheckResult, Finding } from "@reactive-domain/persistence";
import { findingsOf, MAX_FINDINGS_OF_A_LAW } from "@reactive-domain/persistence/adapter";
import Database from "better-sqlite3";
import { ImpossibleVersion } from "../migrations/schema-version.ts";
import { headIn, livesIn } from "./any-schema.ts";
import { atOneMoment, type FileSession } from "./file-session.ts";
import { LAWS, type Law } from "./laws.ts";

const STORAGE = "storage";

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
  return isDamage(error) ? { laws: [STORAGE], findings: findingsOfLook(STORAGE, [], error) } : undefined;
}

async function damageIn({ sql }: FileSession): Promise<readonly Finding[]> {
  const { rows, failure } = await sql.allSoFar<{ readonly integrity_check: string }>(
    `PRAGMA integrity_check(${MAX_FINDINGS_OF_A_LAW + 1})`,
  );
  const lines = rows
    .flatMap(({ integrity_check: text }) => text.split("\n"))
    .filter((line) => line !== "ok" && line !== "" && !line.startsWith("*** "));
  return findingsOfLook(
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
  return findingsOfLook(
    law.name,
    rows.map(({ problem }) => problem),
    failure,
  );
}

/** What one look finds, with damage that it came upon and that ended it; the other looks go on. Other failures are thrown. */
function findingsOfLook(law: string, problems: readonly string[], failure: Error | undefined): readonly Finding[] {
  if (failure === undefined) return findingsOf(law, problems);
  if (!isDamage(failure)) throw failure;
  return [...findingsOf(law, problems), { law, problem: unreadable(law, problems.length > 0, failure) }];
}

function isDamage(error: unknown): error is InstanceType<typeof Database.SqliteError> {
  return error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|IOERR|NOTADB|ERROR)/.test(error.code);
}

function unreadable(law: string, wasBegun: boolean, { message }: Error): string {
  const much = wasBegun ? " to its end" : "";
  return `The law ${law} could not be looked into${much}: restore the store from a backup; see the guide. SQLite says: ${message}`;
}
