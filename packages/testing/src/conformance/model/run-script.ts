import { AssertionError } from "node:assert/strict";
import type { EventStore, ReadSource } from "@reactive-domain/persistence";
import { inTime } from "../deadline.ts";
import { deliveryProblem } from "./check-delivery.ts";
import { linearize } from "./linearize.ts";
import type { Action, Script } from "./script.ts";
import { ScriptRun } from "./script-run.ts";
import { actionText, subscriptionText } from "./script-text.ts";

/** What is wrong with a run of a script. */
export interface Problem {
  readonly text: string;
  /** Whether it is that something never came. */
  readonly isLate: boolean;
}

/**
 * Runs a script on an empty store: each caller does its steps one after another, all callers side by side. Tells what a plain list would have done otherwise, or
 * what the store threw; `undefined` when there is nothing.
 */
export async function runScript(store: EventStore, script: Script, deadlineMs?: number): Promise<Problem | undefined> {
  const run = new ScriptRun(store);
  let isLate = true;
  const all = runAll(run, script).finally(() => {
    isLate = false;
  });
  try {
    await inTime(all, "The end of a script", deadlineMs);
  } catch (error) {
    const message = error instanceof AssertionError ? error.message : String(error);
    const waiting = [...run.waiting].map((what) => `\n${what}: has no answer`);
    return { text: `${message}${waiting.join("")}`, isLate };
  }
  const text = problemOf(run);
  return text === undefined ? undefined : { text, isLate: false };
}

async function runAll(run: ScriptRun, script: Script): Promise<void> {
  const callers = [...new Set(script.map(({ caller }) => caller))];
  await Promise.all(
    callers.map(async (caller) => {
      for (const step of script) if (step.caller === caller) await run.do(step);
    }),
  );
  for (const action of finalActions(run, script)) await run.do({ caller: 0, action }, `at the end, one that ${actionText(action)}`);
}

/** At the end every subscription catches up, and all that is there is looked at. */
function finalActions(run: ScriptRun, script: Script): readonly Action[] {
  const open = [...run.watchers.values()].filter(({ isLeft }) => !isLeft);
  const advances = open.map(({ step: { subscription } }) => ({
    kind: "advance" as const,
    subscription,
    messages: Number.POSITIVE_INFINITY,
  }));
  const items = script.flatMap(({ action }) => (action.kind === "write" ? action.items : []));
  const streams = [...new Set(items.flatMap((item) => ("stream" in item ? [item.stream] : [])))];
  const sources: readonly ReadSource[] = [{ all: true }, ...streams.map((stream) => ({ stream }))];
  return [
    ...advances,
    ...sources.map((source) => ({ kind: "read" as const, source, options: {} })),
    ...streams.map((stream) => ({ kind: "info" as const, stream })),
  ];
}

function problemOf(run: ScriptRun): string | undefined {
  const [problem] = run.problems;
  if (problem !== undefined) return problem;
  const line = linearize(run.observations);
  if ("problem" in line) return line.problem;
  for (const watcher of run.watchers.values()) {
    const found = deliveryProblem(watcher, line.models, run.calledBefore(watcher.opening.at));
    if (found !== undefined) return `${subscriptionText(watcher.step)}: it ${found}`;
  }
  return undefined;
}
