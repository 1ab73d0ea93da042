import type { ProjectionChange, ProjectionRecord } from "@reactive-domain/persistence";
import { UsageError } from "../../errors.ts";
import { withViews, type ViewsOptions } from "../../open-views.ts";
import type { Output } from "../../output.ts";
import { keptProjection } from "./kept-projection.ts";
import { generationOf } from "./projection-state.ts";

export interface ChangeProjectionOptions extends ViewsOptions {
  /** Whether it is really meant, where something is lost. */
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** What is done to a projection from outside, by its own word. */
export type ChangeWord = "pause" | "resume" | "reset" | "rollback" | "discard-building" | "discard-retired";

/** A date that every database knows: the end of the year 9999. */
const END_OF_TIME = new Date(253_402_300_799_000);

interface Decided {
  /** Nothing: it is so already. */
  readonly change: ProjectionChange | undefined;
  readonly done: string;
}

/** Changes a projection, whoever works on it. Throws {@link UsageError} where it cannot be. */
export async function changeProjection(name: string, word: ChangeWord, options: ChangeProjectionOptions, output: Output): Promise<void> {
  const { change, done } = await withViews(options, async (views) => {
    const decided = decide(await keptProjection(views, name, options.views), word, options.yes === true);
    if (decided.change !== undefined) await views.projections.change(name, decided.change);
    return decided;
  });
  await output.write([options.json === true ? JSON.stringify({ projection: name, isChanged: change !== undefined }) : `${name}: ${done}`]);
}

/** Throws {@link UsageError}. */
function decide(record: ProjectionRecord, word: ChangeWord, isMeant: boolean): Decided {
  if (word === "pause") return { change: { kind: "pause", until: END_OF_TIME }, done: "paused: no worker commits until it is resumed." };
  if (word === "resume") return { change: { kind: "pause", until: null }, done: "resumed." };
  if (word === "reset") return reset(record, isMeant);
  if (word === "rollback") return rollback(record);
  return discard(record, word === "discard-building" ? "building" : "retired");
}

function reset({ name }: ProjectionRecord, isMeant: boolean): Decided {
  if (!isMeant)
    throw new UsageError(
      `A reset empties what ${name} answers with, until its worker has made it anew. Say --yes if that is meant; rebuild is what answers all the time.`,
    );
  return { change: { kind: "reset" }, done: "emptied; its worker begins anew." };
}

function rollback(record: ProjectionRecord): Decided {
  const retired = generationOf(record, "retired");
  if (retired === undefined) throw new UsageError(`Nothing is kept of ${record.name} as it was before its last rebuild.`);
  const { generation, version } = retired;
  return {
    change: { kind: "swap", generation, notBehind: false },
    done: `generation ${generation} (version ${version}) is live again, and goes on from where it was.`,
  };
}

function discard(record: ProjectionRecord, what: "building" | "retired"): Decided {
  const generation = generationOf(record, what)?.generation;
  if (generation === undefined) return { change: undefined, done: `nothing to do: no generation is ${what}.` };
  return { change: { kind: "drop", generation }, done: `generation ${generation} is forgotten.` };
}
