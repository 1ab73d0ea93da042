import type { RecordedEventFields } from "@reactive-domain/persistence";
import { invalidArgument } from "../wire/refusal.ts";
import { BoundedExpression } from "./bounded-expression.ts";
import type { SlowExpressions } from "./slow-expressions.ts";

/** A filter of the log as a client sends it. */
export interface FilterOptions {
  readonly stream_identifier?: FilterExpression | null;
  readonly event_type?: FilterExpression | null;
  readonly max?: number;
  readonly count?: object | null;
  readonly checkpointIntervalMultiplier?: number;
}

interface FilterExpression {
  readonly regex?: string;
  readonly prefix?: readonly string[];
}

/** How many events KurrentDB looks at before it may tell a checkpoint, unless a client says otherwise. */
const DEFAULT_WINDOW = 32;

type Matching = (texts: ReadonlySet<string>) => ReadonlySet<string>;

/** Which events of the log a client wants, by the names of their streams or their types. */
export class LogFilter {
  /** After how many events that were looked at a subscription tells a checkpoint. */
  readonly checkpointInterval: number;
  readonly #textOf: (event: RecordedEventFields) => string;
  readonly #matching: Matching;

  /** Errors: invalid argument. */
  constructor({ stream_identifier, event_type, max, checkpointIntervalMultiplier }: FilterOptions, slow: SlowExpressions) {
    const expression = stream_identifier ?? event_type;
    if (!expression) throw invalidArgument("The filter says neither which streams nor which types of events it lets through.");
    this.#textOf = stream_identifier ? ({ stream }) => stream : ({ type }) => type;
    this.#matching = matchingOf(expression, slow);
    this.checkpointInterval = Math.max(max ?? DEFAULT_WINDOW, 1) * Math.max(checkpointIntervalMultiplier ?? 1, 1);
  }

  /** Of each event whether it is let through. Each name is looked at once. */
  accepts(events: readonly RecordedEventFields[]): readonly boolean[] {
    const texts = events.map(this.#textOf);
    const accepted = this.#matching(new Set(texts));
    return texts.map((text) => accepted.has(text));
  }
}

function matchingOf({ regex = "", prefix = [] }: FilterExpression, slow: SlowExpressions): Matching {
  if (regex === "" && prefix.length === 0) throw invalidArgument("The filter has neither prefixes nor an expression.");
  if (regex === "") return (texts) => new Set([...texts].filter((text) => prefix.some((one) => text.startsWith(one))));
  const expression = new BoundedExpression(regex, slow);
  return (texts) => expression.matching(texts);
}
