import type { CheckResult, Finding } from "@reactive-domain/persistence";
import { findingsOf, MAX_FINDINGS_OF_A_LAW } from "@reactive-domain/persistence/adapter";
import type { TextRow } from "../database.ts";
import { codeOf } from "../postgres-failure.ts";
import { badJson } from "./bad-json.ts";
import { lawsOf, lawTables, type Law } from "./laws.ts";
import { atOneMoment, type MaintenanceSession } from "./maintenance-session.ts";
import { indexChecks, schemaLaws } from "./storage-laws.ts";

const STORAGE = "storage";
const JSON_LAW = "json";
/** Damage to what is stored, text and numbers that cannot be, and what is not there. */
const DAMAGE = /^(XX|58|22|42P01$|42703$|42883$)/;

/** Holds a store to the laws of its schema and of the log. All of it is read, on the server. */
export async function checkStore(session: MaintenanceSession, maxJsonEvents: number): Promise<CheckResult> {
  const laws = [...schemaLaws(session.names), ...lawsOf(session.names)];
  return atOneMoment(session, async () => {
    const findings: Finding[] = [];
    const checks = await indexChecks(session);
    for (const check of checks) {
      const { failure } = await damageable(session, check);
      if (failure !== undefined) findings.push({ law: STORAGE, problem: `PostgreSQL says: ${failure}` });
    }
    for (const law of laws) findings.push(...(await breachesOf(session, law)));
    findings.push(...(await jsonFindings(session, maxJsonEvents)));
    return { laws: [...(checks.length === 0 ? [] : [STORAGE]), ...laws.map(({ name }) => name), JSON_LAW], findings };
  });
}

async function breachesOf(session: MaintenanceSession, { name, breaches }: Law): Promise<readonly Finding[]> {
  const { rows, failure } = await damageable(
    session,
    `${lawTables(session.names)} SELECT problem FROM (${breaches}) b LIMIT ${MAX_FINDINGS_OF_A_LAW + 1}`,
  );
  if (failure !== undefined) return [unreadable(name, failure)];
  return findingsOf(
    name,
    rows.map(([problem]) => problem as string),
  );
}

async function jsonFindings(session: MaintenanceSession, events: number): Promise<readonly Finding[]> {
  const limits = { events, findings: MAX_FINDINGS_OF_A_LAW + 1 };
  const attempt = async (text: string, values?: readonly unknown[]): Promise<string | undefined> =>
    (await damageable(session, text, values)).failure;
  try {
    return findingsOf(JSON_LAW, await badJson(session, attempt, limits));
  } catch (error) {
    if (!isDamage(error)) throw error;
    return [unreadable(JSON_LAW, error.message)];
  }
}

/** A law whose damage keeps it from being looked into is a finding. */
function unreadable(law: string, failure: string): Finding {
  return {
    law,
    problem: `The law ${law} could not be looked into: restore the store from a backup; see the guide. PostgreSQL says: ${failure}`,
  };
}

interface Look {
  readonly rows: readonly TextRow[];
  /** What PostgreSQL said of damage that it came upon. */
  readonly failure: string | undefined;
}

/** Runs a statement that damage may end, and lets the transaction go on after it. */
async function damageable({ query }: MaintenanceSession, text: string, values?: readonly unknown[]): Promise<Look> {
  await query("SAVEPOINT look");
  try {
    const rows = await query(text, values);
    await query("RELEASE SAVEPOINT look");
    return { rows, failure: undefined };
  } catch (error) {
    if (!isDamage(error)) throw error;
    await query("ROLLBACK TO SAVEPOINT look");
    return { rows: [], failure: error.message };
  }
}

function isDamage(error: unknown): error is Error {
  return error instanceof Error && DAMAGE.test(codeOf(error) ?? "");
}
