import type { WriteItem } from "@reactive-domain/persistence";
import { write, type WriteModel } from "./write-model.ts";

/** A write with its answer; the times of call and answer are counted in calls and answers. */
export interface Answered {
  readonly items: readonly WriteItem[];
  readonly called: number;
  readonly answered: number;
  readonly answer: string;
}

/** What comes after answers that could be explained, or what is wrong with those that might come next. */
export type Explained = { readonly model: WriteModel } | { readonly problem: string };

const MAX_TRIALS = 50_000;

/**
 * Looks for an order of writes in which a model gives all the answers, as if they had come one after another; what was answered before another was called comes
 * first. It tries the order of the answers before others.
 */
export function explain(start: WriteModel, writes: readonly Answered[]): Explained {
  const left = writes.toSorted((one, other) => one.answered - other.answered);
  let trials = 0;
  let best = { count: left.length + 1, problems: [] as readonly string[] };
  const from = (model: WriteModel): WriteModel | undefined => {
    const firstAnswer = left[0]?.answered;
    if (firstAnswer === undefined) return model;
    const problems: string[] = [];
    for (const [index, one] of left.entries()) {
      if (one.called > firstAnswer || trials++ > MAX_TRIALS) continue;
      const { model: next, answers } = write(model, one.items);
      if (!answers.includes(one.answer)) {
        problems.push(`${textOf(one)} must be ${answers.join(", or ")}`);
        continue;
      }
      left.splice(index, 1);
      const end = from(next);
      if (end !== undefined) return end;
      left.splice(index, 0, one);
    }
    if (left.length < best.count) best = { count: left.length, problems };
    return undefined;
  };
  const model = from(start);
  return model === undefined ? { problem: `${best.count} of ${writes.length} are left:\n${best.problems.join("\n")}` } : { model };
}

function textOf({ items, called, answered, answer }: Answered): string {
  const short = items.map((item) => (item.kind === "append" ? { ...item, events: item.events.map(({ id }) => id) } : item));
  return `${called}-${answered} ${JSON.stringify(short)} was ${answer}, and`;
}
