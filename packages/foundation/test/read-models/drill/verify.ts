import { FeedFaulted, type FeedHealth } from "@reactive-domain/foundation";
import type { Following, Run } from "./run.ts";
import type { FeedName } from "./steps.ts";

/** An event in the log, as far as feeds select by it. */
export interface Logged {
  readonly position: number;
  readonly stream: string;
  readonly type: string;
}

const SELECTED: Readonly<Record<FeedName, (event: Logged) => boolean>> = {
  all: () => true,
  accounts: ({ stream }) => stream.startsWith("banking.account-"),
  notebooks: ({ stream }) => stream.startsWith("banking.notebook-"),
  "a-1": ({ stream }) => stream === "banking.account-a-1",
  deposits: ({ type }) => type === "AmountDeposited",
};

/** What a run did that it should not, in the end. */
export function problemsOf(run: Run, log: readonly Logged[]): readonly string[] {
  const { model, faults, refusals, followings } = run;
  const problems = [...model.problems, ...followings.flatMap((following) => deliveryProblems(run, following, log))];
  // What a start was rejected with is told to who started it.
  const faulted = model.health.filter(
    ({ status, error }) => status === "faulted" && error instanceof FeedFaulted && !refusals.includes(error),
  );
  // What a handler throws while the model is closed, which waits for it, is told, and the feed is closed nevertheless.
  const fromClosed = run.isGivenUp && model.hasFailed ? 1 : 0;
  if (faults.length < faulted.length || faults.length > faulted.length + fromClosed)
    problems.push(`${faulted.length} feeds have faulted, and ${faults.length} faults were told`);
  if (model.hasFailed && faults.length === 0 && !run.isGivenUp) problems.push("a handler threw, and nobody was told");
  return problems;
}

function deliveryProblems(run: Run, following: Following, log: readonly Logged[]): readonly string[] {
  const { name, behind, sureFrom } = following;
  const all = log.filter(SELECTED[name]).map(({ position }) => position);
  const wanted = all.filter((position) => position > behind);
  const got = run.entriesOf(name).map(({ position }) => position);
  const passedOver = got.length === 0 ? wanted.filter((position) => position < sureFrom).length : wanted.indexOf(got[0] ?? -1);
  const rest = wanted.slice(Math.max(0, passedOver));
  const problems: string[] = [];
  const tell = (what: string): unknown => problems.push(`${name}: ${what}; wanted ${rest.join(" ")}, got ${got.join(" ")}`);
  if (passedOver < 0 || wanted.slice(0, passedOver).some((position) => position >= sureFrom)) tell("events were passed over");
  if (got.some((position, index) => position !== rest[index])) tell("not in order, not once, or not all");
  const health = run.model.health.find(({ feed }) => feed === FEED_NAMES[name]);
  if (health !== undefined) problems.push(...healthProblems(run, name, health));
  const isStopped = run.isGivenUp || health?.status === "faulted";
  if (!isStopped && got.length < rest.length) tell("some are missing");
  // Where nothing came of a feed that was started at the end, nobody knows what would have been the first.
  const next = got.length > 0 || sureFrom === behind + 1 ? `at position ${rest[got.length]} ` : "";
  if (health?.error?.cause instanceof RangeError && !health.error.message.includes(next)) tell(`failed elsewhere: ${health.error.message}`);
  for (const { head, entries } of run.liveMoments.filter((moment) => moment.name === name))
    if (entries !== undefined && rest.filter((position) => position <= head).length > entries)
      tell(`live with ${entries} events of those up to ${head}`);
  return problems;
}

function healthProblems(run: Run, name: FeedName, { checkpoint, handledUpTo, status }: FeedHealth): readonly string[] {
  const last = run.entriesOf(name).at(-1)?.position;
  const problems: string[] = [];
  if (last !== undefined && checkpoint.position !== last)
    problems.push(`${name}: checkpoint at ${checkpoint.position}, last event ${last}`);
  if (last !== undefined && (handledUpTo ?? -1) < last) problems.push(`${name}: handled up to ${handledUpTo}, last event ${last}`);
  if (!run.isGivenUp && status !== "live" && status !== "faulted") problems.push(`${name}: ${status} in the end`);
  return problems;
}

const FEED_NAMES: Readonly<Record<FeedName, string>> = {
  all: "all events of banking",
  accounts: "category Account of banking",
  notebooks: "category Notebook of banking",
  "a-1": "Account a-1 of banking",
  deposits: "events of type AmountDeposited of banking",
};
