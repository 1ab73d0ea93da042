import type { KurrentDBClient } from "@kurrent/kurrentdb-client";
import { AlreadyClosed, sleep, type Runtime } from "@reactive-domain/core";
import type { StoreSettings } from "../kurrent-store-options.ts";
import { endOfClient } from "../wire/end-of-client.ts";
import { isBrokenOff, isConnectionLost, isRefusal, kurrentFailure, silence } from "./kurrent-failure.ts";

export interface ConnectionOptions extends StoreSettings {
  readonly client: KurrentDBClient;
  /** What errors call the store. */
  readonly name: string;
  readonly runtime: Runtime;
}

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/** A server, by way of its client: each call has its answer in time, and what fails as the server is away is tried again, for a time. */
export class Connection {
  readonly name: string;
  readonly runtime: Runtime;
  readonly client: KurrentDBClient;
  readonly settings: StoreSettings;
  readonly #end: () => Promise<void>;
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor({ client, name, runtime, ...settings }: ConnectionOptions) {
    this.client = client;
    this.#end = endOfClient(client);
    this.name = name;
    this.runtime = runtime;
    this.settings = settings;
  }

  /** Aborted when the store is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Does what may be done twice. Errors: those of {@link kurrentFailure}, and the client's where {@link isRefusal}. */
  run<T>(work: (client: KurrentDBClient) => Promise<T>): Promise<T> {
    const running = this.#trying(work);
    this.#underWay.add(running);
    const forget = (): void => void this.#underWay.delete(running);
    void Promise.allSettled([running]).then(forget);
    return running;
  }

  /** Does it once. Errors: the client's, and `store-unavailable` where no answer comes. */
  async once<T>(work: (client: KurrentDBClient) => Promise<T>): Promise<T> {
    const { answerTimeoutMs } = this.settings;
    let cancel = (): void => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.runtime.scheduler.after(answerTimeoutMs, () => reject(silence(this.name, answerTimeoutMs)));
    });
    try {
      return await Promise.race([work(this.client), late]);
    } finally {
      cancel();
    }
  }

  /** Waits for what is under way, as long as an answer may take, and lets go of the connection. */
  async close(): Promise<void> {
    this.#closing.abort(new AlreadyClosed(this.name));
    await this.inTime(Promise.allSettled(this.#underWay));
    await this.#end();
  }

  /** Waits for an end, as long as an answer may take. */
  async inTime(end: Promise<unknown>): Promise<void> {
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = this.runtime.scheduler.after(this.settings.answerTimeoutMs, resolve);
    });
    await Promise.race([end, late]);
    cancel();
  }

  async #trying<T>(work: (client: KurrentDBClient) => Promise<T>): Promise<T> {
    const { clock, chance } = this.runtime;
    let deadlineMs: number | undefined;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        return await this.once(work);
      } catch (error) {
        const failure = kurrentFailure(error, this.name);
        if (this.closing.aborted && isBrokenOff(failure)) throw this.closing.reason;
        const nowMs = clock.monotonicMs();
        deadlineMs ??= nowMs + this.settings.retryForMs;
        const isLast = this.closing.aborted || nowMs + pauseMs > deadlineMs;
        if (isLast || !isConnectionLost(failure)) throw isRefusal(error) ? error : failure;
        await sleep(pauseMs * (0.5 + chance.next() / 2), { runtime: this.runtime });
      }
    }
  }
}
