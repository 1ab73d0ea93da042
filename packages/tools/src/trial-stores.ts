import { mkdtempSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { EventStore } from "@reactive-domain/persistence";
import { UsageError } from "./errors.ts";
import { asUsageError, formsOf, openUrl, schemesOf, type Schemes } from "./store-url.ts";

const ENDING_SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Empty stores of one kind, to try things out with. Disposing of them removes what they left. */
export interface TrialStores extends AsyncDisposable {
  /** Opens an empty store that nobody else uses. */
  open(): Promise<EventStore>;
}

const SCHEMES: Schemes<TrialStores> = new Map([
  ["memory", { form: "memory", open: memoryStores }],
  ...schemesOf({
    sqlite: sqliteStores,
    postgres: postgresStores,
    kurrentdb: {
      refused:
        "A KurrentDB server cannot be emptied for each case, so that conformance is not run on it from here. The guide page KurrentDB tells how the suite of the adapter runs against a node.",
    },
  }),
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
  return { open: async () => createInMemoryStore(), [Symbol.asyncDispose]: async () => undefined };
}

async function sqliteStores(file: string): Promise<TrialStores> {
  const { openSqliteStore } = await import("@reactive-domain/sqlite");
  const folder = makeFolder(file);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  let files = 0;
  return cleaningUp({
    open: () => openSqliteStore(join(folder, `${files++}.db`)),
    async [Symbol.asyncDispose]() {
      process.off("exit", remove);
      remove();
    },
  });
}

async function postgresStores(url: string): Promise<TrialStores> {
  const { openPostgresTrialStores } = await import("@reactive-domain/postgres");
  return cleaningUp(openPostgresTrialStores(url));
}

/** Has stores disposed of when the process is told to end, like by Ctrl-C, before it ends as it was told to. */
function cleaningUp(stores: TrialStores): TrialStores {
  let isEnding = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    isEnding = true;
    stop();
    const end = (): void => void process.kill(process.pid, signal);
    stores[Symbol.asyncDispose]().then(end, end);
  };
  const stop = (): void => {
    for (const signal of ENDING_SIGNALS) process.off(signal, onSignal);
  };
  for (const signal of ENDING_SIGNALS) process.on(signal, onSignal);
  return {
    // Whoever wants another one waits for the end.
    open: () => (isEnding ? new Promise(() => undefined) : stores.open()),
    async [Symbol.asyncDispose]() {
      stop();
      await stores[Symbol.asyncDispose]();
    },
  };
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
