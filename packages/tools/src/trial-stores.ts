import { mkdtempSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { EventStore } from "@reactive-domain/persistence";
import { UsageError } from "./errors.ts";
import { asUsageError, formsOf, openUrl, type Schemes } from "./store-url.ts";

/** Empty stores of one kind, to try things out with. Disposing of them removes what they left. */
export interface TrialStores extends Disposable {
  /** Opens an empty store that nobody else uses. */
  open(): Promise<EventStore>;
}

const SCHEMES: Schemes<TrialStores> = new Map([
  ["memory", { form: "memory", open: memoryStores }],
  ["sqlite", { form: "sqlite:FILE", open: sqliteStores }],
]);

/** The forms of URL that are known, for help texts. */
export const TRIAL_STORE_FORMS: string = formsOf(SCHEMES);

/** Empty stores of the kind and in the place that a URL names. Throws {@link UsageError} when there can be none. */
export function openTrialStores(url: string): Promise<TrialStores> {
  return openUrl(url, SCHEMES);
}

/** Opens the first of several stores, or says why there are none. Throws {@link UsageError}. */
export function openFirst(stores: TrialStores): Promise<EventStore> {
  return asUsageError(() => stores.open());
}

async function memoryStores(): Promise<TrialStores> {
  const { createInMemoryStore } = await import("@reactive-domain/persistence/in-memory");
  return { open: async () => createInMemoryStore(), [Symbol.dispose]: () => undefined };
}

async function sqliteStores(file: string): Promise<TrialStores> {
  const { openSqliteStore } = await import("@reactive-domain/sqlite");
  const folder = new TemporaryFolder(file);
  let files = 0;
  return { open: () => openSqliteStore(join(folder.path, `${files++}.db`)), [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

const ENDING_SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** A folder beside a file, on the same disk. It goes when it is disposed of, and when the process ends, also by Ctrl-C. */
class TemporaryFolder implements Disposable {
  readonly path: string;
  readonly #remove = (): void => rmSync(this.path, { recursive: true, force: true });
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this[Symbol.dispose]();
    process.kill(process.pid, signal);
  };

  constructor(file: string) {
    this.path = makeFolder(file);
    process.once("exit", this.#remove);
    for (const signal of ENDING_SIGNALS) process.once(signal, this.#onSignal);
  }

  [Symbol.dispose](): void {
    process.off("exit", this.#remove);
    for (const signal of ENDING_SIGNALS) process.off(signal, this.#onSignal);
    this.#remove();
  }
}

function makeFolder(file: string): string {
  try {
    return mkdtempSync(join(dirname(file), `${basename(file)}.conformance-`));
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    throw new UsageError(`No folder can be made beside ${file} (${code}). Give a file in a folder that exists and can be written to.`, {
      cause,
    });
  }
}
