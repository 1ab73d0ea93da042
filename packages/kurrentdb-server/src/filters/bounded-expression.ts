import { createContext, Script, type Context } from "node:vm";
import { invalidArgument } from "../wire/refusal.ts";
import type { SlowExpressions } from "./slow-expressions.ts";

/** How long a regular expression of a client may keep the processor for the names of one page. */
const MAX_MS = 100;

const script = new Script("test()");
let context: Context | undefined;

/** A regular expression of a client. One that takes too long, as some do for ever, is given up: the event loop is everybody's. */
export class BoundedExpression {
  readonly #expression: RegExp;
  readonly #source: string;
  readonly #slow: SlowExpressions;

  /** Errors: invalid argument where it is no regular expression, or took too long before. */
  constructor(source: string, slow: SlowExpressions) {
    slow.check(source);
    this.#source = source;
    this.#slow = slow;
    try {
      this.#expression = new RegExp(source);
    } catch (error) {
      throw invalidArgument(`The filter's expression ${source} is no regular expression: ${(error as Error).message}.`);
    }
  }

  /** The texts that match. Errors: invalid argument where that takes too long. */
  matching(texts: ReadonlySet<string>): ReadonlySet<string> {
    // Another call may have found out since.
    this.#slow.check(this.#source);
    const found = new Set<string>();
    const tried = new Set<string>();
    const test = (): void => {
      for (const text of texts) {
        if (tried.has(text)) continue;
        if (this.#expression.test(text)) found.add(text);
        tried.add(text);
      }
    };
    const before = process.cpuUsage();
    // A limit is one of the wall's time, which passes also while others have the processor: what was interrupted then goes on.
    for (let leftMs = MAX_MS; !endsWithin(leftMs, test);) {
      leftMs = MAX_MS - usedMs(before);
      if (leftMs <= 0) throw this.#tooSlow();
    }
    return found;
  }

  #tooSlow(): Error {
    this.#slow.add(this.#source);
    return invalidArgument(
      `The filter's expression ${this.#source} took longer than ${MAX_MS} ms for one page. Make it simpler, or name prefixes.`,
    );
  }
}

/** Whether work ends in time; if not, it has been interrupted. */
function endsWithin(ms: number, test: () => void): boolean {
  context ??= createContext({});
  context["test"] = test;
  try {
    script.runInContext(context, { timeout: Math.max(1, Math.ceil(ms)) });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    return false;
  }
}

function usedMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
