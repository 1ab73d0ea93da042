import { status } from "@grpc/grpc-js";
import type { CancelTask, Runtime } from "@reactive-domain/core";
import type { MaybePromise } from "@reactive-domain/persistence/adapter";
import { Refusal } from "../wire/refusal.ts";
import { SETTINGS_STREAM } from "./default-acls.ts";
import type { Principal } from "./principal.ts";

/** A right that somebody makes use of for long. */
export interface WatchedRight {
  readonly principal: Principal;
  readonly stream: string;
  /** Errors: access denied, unauthenticated; others tell nothing. */
  check(): MaybePromise<void>;
  end(refusal: Refusal): void;
}

/** What no event tells of is found by looking. */
const LOOK_AGAIN_MS = 5_000;
const TAKEN_AWAY: ReadonlySet<status> = new Set([status.PERMISSION_DENIED, status.UNAUTHENTICATED]);

/** Ends what is under way when the right to it is taken away. */
export class RightWatch {
  readonly #runtime: Runtime;
  readonly #watched = new Set<WatchedRight>();
  readonly #due = new Set<WatchedRight>();
  #isLooking = false;
  #cancel: CancelTask | undefined;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Returns how to leave. */
  add(right: WatchedRight): () => void {
    this.#watched.add(right);
    this.#cancel ??= this.#runtime.scheduler.after(LOOK_AGAIN_MS, () => this.#lookAgain());
    return () => {
      this.#watched.delete(right);
      this.#due.delete(right);
      if (this.#watched.size === 0) this.#stop();
    };
  }

  /** Something else is said about a stream, or about all. */
  streamChanged(stream: string): void {
    this.#look((right) => right.stream === stream || stream === SETTINGS_STREAM);
  }

  userChanged(login: string): void {
    this.#look(({ principal }) => principal.name === login);
  }

  #lookAgain(): void {
    this.#cancel = this.#runtime.scheduler.after(LOOK_AGAIN_MS, () => this.#lookAgain());
    this.#look(() => true);
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #look(isMeant: (right: WatchedRight) => boolean): void {
    for (const right of this.#watched) if (isMeant(right)) this.#due.add(right);
    if (!this.#isLooking) void this.#lookAtAll();
  }

  /** One after another: so many looks at once would hold up everybody. */
  async #lookAtAll(): Promise<void> {
    this.#isLooking = true;
    for (const right of this.#due) {
      this.#due.delete(right);
      const refusal = await refusalOfCheck(right);
      if (refusal !== undefined && this.#watched.has(right)) right.end(refusal);
    }
    this.#isLooking = false;
  }
}

async function refusalOfCheck(right: WatchedRight): Promise<Refusal | undefined> {
  try {
    await right.check();
    return undefined;
  } catch (error) {
    return error instanceof Refusal && TAKEN_AWAY.has(error.code) ? error : undefined;
  }
}
