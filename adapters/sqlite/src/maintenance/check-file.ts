import { InvalidArgument } from "@reactive-domain/core";
import type { CheckResult, Finding } from "@reactive-domain/persistence";
import Database from "better-sqlite3";
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
    const findings: Finding[] = [...(await unlessDamaged(STORAGE, () => damageIn(session)))];
    for (const law of laws) findings.push(...(await unlessDamaged(law.name, () => breachesOf(session, law, maxJsonEvents))));
    return { laws: [STORAGE, ...laws.map(({ name }) => name)], findings };
  });
}

/** What a check came to whose file is so damaged that it could not even be begun; `undefined` for errors of another kind. */
export function asDamage(error: unknown): CheckResult | undefined {
  return isDamage(error) ? { laws: [STORAGE], findings: [damage(STORAGE, error)] } : undefined;
}

async function damageIn({ sql }: FileSession): Promise<readonly Finding[]> {
  const rows = await sql.all<{ readonly integrity_check: string }>(`PRAGMA integrity_check(${MAX_FINDINGS_OF_A_LAW})`);
  const lines = rows.flatMap(({ integrity_check: text }) => text.split("\n")).filter((line) => line !== "ok" && line !== "");
  return lines.map((line) => ({ law: STORAGE, problem: `SQLite says: ${line}` }));
}

async function breachesOf({ sql, schemaVersion }: FileSession, law: Law, maxJsonEvents: number): Promise<readonly Finding[]> {
  const rows = await sql.all<{ readonly problem: string }>(
    `WITH here AS (SELECT ifnull(${headIn(schemaVersion)}, -1) AS head, ? AS json), ${livesIn(schemaVersion)} ${law.breaches} LIMIT ${MAX_FINDINGS_OF_A_LAW + 1}`,
    maxJsonEvents,
  );
  const findings = rows.slice(0, MAX_FINDINGS_OF_A_LAW).map(({ problem }) => ({ law: law.name, problem }));
  return rows.length > MAX_FINDINGS_OF_A_LAW ? [...findings, { law: law.name, problem: "There are more of these." }] : findings;
}

/** What one look finds; damage that it comes upon is a finding, and does not end the others. */
async function unlessDamaged(law: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (!isDamage(error)) throw error;
    return [damage(law, error)];
  }
}

function isDamage(error: unknown): error is Error {
  return error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|IOERR|NOTADB|ERROR)/.test(error.code);
}

function damage(law: string, { message }: Error): Finding {
  return { law, problem: `This could not be looked into. SQLite says: ${message}` };
}
