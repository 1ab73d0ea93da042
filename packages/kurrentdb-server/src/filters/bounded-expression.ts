import { createContext, Script, type Context } from "node:vm";
import { invalidArgument } from "../wire/refusal.ts";

/** How long a regular expression of a client may take for the names of one page. */
const MAX_MS = 250;

const script = new Script("test()");
let context: Context | undefined;

/** A regular expression of a client. One that takes too long, as some do for ever, is given up: the event loop is everybody's. */
export class BoundedExpression {
  readonly #expression: RegExp;

  /** Errors: invalid argument where it is no regular expression. */
  constructor(source: string) {
    try {
      this.#expression = new RegExp(source);
    } catch (error) {
      throw invalidArgument(`The filter's expression ${source} is no regular expression: ${(error as Error).message}.`);
    }
  }

  /** The texts that match. Errors: invalid argument where that takes too long. */
  matching(texts: ReadonlySet<string>): ReadonlySet<string> {
    const found = new Set<string>();
    const test = (): void => {
      for (const text of texts) if (this.#expression.test(text)) found.add(text);
    };
    context ??= createContext({});
    context["test"] = test;
    try {
      script.runInContext(context, { timeout: MAX_MS });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
      throw invalidArgument(
        `The filter's expression ${this.#expression.source} took longer than ${MAX_MS} ms for one page. Make it simpler, or name prefixes.`,
      );
    }
    return found;
  }
}
