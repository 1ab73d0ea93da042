import { isDeepStrictEqual } from "node:util";
import { InvalidArgument } from "@reactive-domain/core";
import type { ReadModelBase } from "@reactive-domain/foundation";
import { failure, isFailure, type Failure } from "../specification/failure.ts";
import { isRefusal, isRefusedAs, plainRefusal, shownRefusal, type ExpectedRefusal } from "../specification/refusal.ts";
import { countOf, shown, shownAct, shownError, shownEvents } from "../specification/shown.ts";
import { THEN } from "../specification/then-key.ts";
import { problemOf } from "./check-read-model.ts";
import { GivenLog, historyOf } from "./given-log.ts";
import { ModelRun, type ReadModelCase } from "./read-model-run.ts";

type Check<M extends ReadModelBase> = (run: ModelRun<M>, stop: Error | undefined) => void | Promise<void>;

/** What is expected, as it is held against a model: before it is known to be sound, or once it is. */
interface Expectation<M extends ReadModelBase> {
  readonly first?: Check<M>;
  readonly last?: Check<M>;
  /** What is looked at: it has to be the same of a model that was restored. */
  readonly select?: (model: M) => unknown;
}

/** What comes of a read model that handles what is given, to be held against what is expected. */
export class ReadModelOutcome<M extends ReadModelBase> {
  readonly #case: ReadModelCase<M>;
  #name = "A read model";

  constructor(one: ReadModelCase<M>) {
    this.#case = one;
  }

  /** Two functions: this was awaited, or returned to who awaits it. Nothing is expected then, and nothing may pass. */
  [THEN](...expectation: readonly unknown[]): Promise<void> {
    const reject = expectation[1];
    if (typeof reject === "function") {
      reject(this.#failure({ problem: "it was awaited, and expects nothing. Say what is expected: .then((model) => ...)." }));
      return Promise.resolve();
    }
    const here = new Error("here");
    Error.captureStackTrace(here, this[THEN]);
    return this.#run(expectation).catch((error: unknown) => {
      throw isFailure(error) ? withFramesOf(error, here) : error;
    });
  }

  async #run(expected: readonly unknown[]): Promise<void> {
    const { first, last, select } = expected.length > 1 ? this.#comparison(expected[0], expected[1]) : this.#expectation(expected[0]);
    await using run = new ModelRun(this.#case);
    this.#name = run.model.constructor.name;
    const history = await historyOf(this.#case, this.#title);
    const stop = await run.handle((await GivenLog.of(history)).feed);
    await first?.(run, stop);
    const problem = stop === undefined ? await problemOf(this.#case, history, { run, select }) : undefined;
    if (problem !== undefined) throw this.#failure(problem);
    await last?.(run, stop);
  }

  /** Errors: `invalid-argument`. */
  #expectation(expected: unknown): Expectation<M> {
    if (isRefusal(expected)) return { first: (_, stop) => this.#checkStop(expected, stop) };
    if (typeof expected !== "function") throw new InvalidArgument("What is expected", "a function, or what stops the model", expected);
    return { last: (run, stop) => this.#look(expected as (model: M) => unknown, run, stop) };
  }

  /** Errors: `invalid-argument`. */
  #comparison(what: unknown, expected: unknown): Expectation<M> {
    if (typeof what !== "function" || isRefusal(what)) throw new InvalidArgument("What is looked at", "a function of the model", what);
    const select = what as (model: M) => unknown;
    return { select, first: (run, stop) => this.#compare({ select, expected }, run, stop) };
  }

  async #look(look: (model: M) => unknown, run: ModelRun<M>, stop: Error | undefined): Promise<void> {
    this.#refuseStop("a state to look at", stop);
    const answer = await run.within(() => look(run.model));
    // What asserts may answer with an object of its library. A value is what somebody wanted to be held.
    if (answer === undefined || answer === null || typeof answer === "object" || typeof answer === "function") return;
    const problem = `what looks at the model answers ${shown(answer)}, which is passed over. Assert in it, or say what is expected: .then(select, expected).`;
    throw this.#failure({ problem });
  }

  async #compare(
    { select, expected }: { readonly select: (model: M) => unknown; readonly expected: unknown },
    run: ModelRun<M>,
    stop: Error | undefined,
  ): Promise<void> {
    this.#refuseStop("a state to look at", stop);
    const actual = await run.within(() => select(run.model));
    if (isDeepStrictEqual(actual, expected)) return;
    const sections = { Given: this.#given(), Expected: `  ${shown(expected)}`, Got: `  ${shown(actual)}` };
    throw this.#failure({ problem: `expected something else of ${shownAct(select)} than it got.`, sections, actual, expected });
  }

  #checkStop(expected: ExpectedRefusal, stop: Error | undefined): void {
    const wanted = `expected to stop with ${shownRefusal(expected)}`;
    const sections = { Given: this.#given() };
    if (stop === undefined) throw this.#failure({ problem: `${wanted}, but it handled everything.`, sections });
    const cause = stop.cause ?? stop;
    if (isRefusedAs(cause, expected)) return;
    const sides = { actual: plainRefusal(cause), expected: plainRefusal(expected) };
    throw this.#failure({ problem: `${wanted}, got ${shownError(cause)}`, sections, cause, ...sides });
  }

  #refuseStop(expected: string, stop: Error | undefined): void {
    if (stop === undefined) return;
    throw this.#failure({
      problem: `expected ${expected}, but ${shownError(stop)}`,
      sections: { Given: this.#given() },
      cause: stop.cause ?? stop,
    });
  }

  #given(): string {
    return shownEvents(this.#case.records.map(({ event }) => event));
  }

  get #title(): string {
    const { records } = this.#case;
    return `${this.#name}: ${records.length === 0 ? "without events" : `after ${countOf(records)}`}`;
  }

  #failure(facts: Omit<Failure, "title">): Error {
    return failure({ title: this.#title, ...facts });
  }
}

/** A test runner shows the line of the test, and not one in here. */
function withFramesOf(error: Error, here: Error): Error {
  const frames = here.stack?.slice(here.stack.indexOf("\n")) ?? "";
  error.stack = `${error.name}: ${error.message}${frames}`;
  return error;
}
