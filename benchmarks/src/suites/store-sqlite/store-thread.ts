import { Worker } from "node:worker_threads";
import type { AppendOptions, AppendResult, NewEvent } from "@reactive-domain/foundation";

/** What is appended by way of a thread. */
export interface ThreadedStore extends AsyncDisposable {
  append(stream: string, events: readonly NewEvent[], options: AppendOptions): Promise<AppendResult>;
}

/** All that came before the loop turned goes over in one message, and so do the answers. */
const CODE = `
  const { parentPort, workerData } = require("node:worker_threads");
  import(workerData.adapter).then(async ({ openSqliteStore }) => {
    const store = await openSqliteStore(workerData.file);
    parentPort.on("message", async (calls) => {
      if (calls === null) return store.close().then(() => process.exit(0));
      const settled = await Promise.allSettled(calls.map(({ stream, events, options }) => store.append(stream, events, options)));
      parentPort.postMessage(settled.map(({ value, reason }) => ({ value, error: reason?.message })));
    });
    parentPort.postMessage("ready");
  });
`;

interface Call {
  readonly data: { readonly stream: string; readonly events: readonly NewEvent[]; readonly options: AppendOptions };
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: Error) => void;
}

interface Answer {
  readonly value?: AppendResult;
  readonly error?: string;
}

/** A prototype, for its figures: the whole store in a thread of its own, with nothing but appends. */
export async function openStoreInThread(file: string): Promise<ThreadedStore> {
  const adapter = import.meta.resolve("@reactive-domain/sqlite");
  const worker = new Worker(CODE, { eval: true, workerData: { adapter, file } });
  await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  let waiting: Call[] = [];
  const underWay: (readonly Call[])[] = [];
  worker.on("message", (answers: readonly Answer[]) => {
    const calls = underWay.shift() ?? [];
    calls.forEach(({ resolve, reject }, index) => {
      const { value, error } = answers[index] ?? {};
      if (value === undefined) reject(new Error(error ?? "No answer came."));
      else resolve(value);
    });
  });
  const send = (): void => {
    worker.postMessage(waiting.map(({ data }) => data));
    underWay.push(waiting);
    waiting = [];
  };
  return {
    append: (stream, events, options) =>
      new Promise((resolve, reject) => {
        if (waiting.push({ data: { stream, events, options }, resolve, reject }) === 1) setImmediate(send);
      }),
    async [Symbol.asyncDispose](): Promise<void> {
      const ended = new Promise((resolve) => worker.once("exit", resolve));
      worker.postMessage(null);
      await ended;
    },
  };
}
