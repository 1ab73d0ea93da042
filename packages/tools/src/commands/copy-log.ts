import { currentRuntime, type Position } from "@reactive-domain/core";
import { copyStore, TransferRefused, type EventStore, type TransferPart } from "@reactive-domain/persistence";
import { openCopyStores } from "../copy-stores.ts";
import { onEndingSignal } from "../ending-signal.ts";
import { CopyDiffers, Stopped, UsageError } from "../errors.ts";
import type { Output } from "../output.ts";
import type { Progress } from "../progress.ts";
import { digestOf, type LogDigest } from "./log-digest.ts";
import { RecordDigest } from "./record-digest.ts";

export interface CopyLogOptions {
  /** The URL of the store that is copied. */
  readonly from: string;
  /** The URL of the store that it is copied to. */
  readonly to: string;
  /** Whether both are read and compared at the end. */
  readonly verify: boolean;
}

interface Copied {
  readonly upTo: Position | null;
  /** How many were copied by this run. */
  readonly events: number;
  readonly records: RecordDigest;
}

interface CopyRun {
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Copies a store to another one, and compares them. Throws {@link CopyDiffers} when they are not the same, {@link Stopped} when it is stopped by a signal. */
export async function copyLog({ from, to, verify }: CopyLogOptions, output: Output, progress: Progress): Promise<void> {
  using ending = onEndingSignal(() => new Stopped("copied"));
  await using stores = await openCopyStores(from, to);
  const { clock } = currentRuntime();
  const startMs = clock.monotonicMs();
  const { signal } = ending;
  try {
    const copied = await copy(stores.source, stores.target, { signal, progress });
    const seconds = Math.max(clock.monotonicMs() - startMs, 1) / 1_000;
    await output.write(summaryOf(copied, seconds));
    if (verify) await output.write(await compare(stores.source, stores.target, copied, { signal, progress }));
    await output.write(await adviceOf(stores.source, copied));
  } finally {
    progress.clear();
  }
}

async function copy(source: EventStore, target: EventStore, { signal, progress }: CopyRun): Promise<Copied> {
  let records = new RecordDigest();
  let done = 0;
  const onPart = (part: TransferPart, head: Position | null): void => {
    if (part.kind === "events") progress.show(`${count(part.upTo)} of ${count(head)} positions are copied.`);
    else {
      if (part.index === 0) [records, done] = [new RecordDigest(), 0];
      records.add(part.records);
      progress.show(`All events are copied, and ${(done += part.records.length).toLocaleString("en")} records beside them.`);
    }
  };
  try {
    progress.show("The copy begins.");
    const { upTo, events } = await copyStore(source, target, { signal, onPart });
    return { upTo, events, records };
  } catch (error) {
    if (error instanceof TransferRefused) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

async function compare(source: EventStore, target: EventStore, { upTo, records }: Copied, run: CopyRun): Promise<readonly string[]> {
  const { log, head } = await target.transfer.status();
  const digests: LogDigest[] = [];
  for (const [store, name] of [
    [source, "source"],
    [target, "copy"],
  ] as const) {
    const onBatch = (events: number): void => run.progress.show(`Compares: ${events.toLocaleString("en")} events of the ${name} are read.`);
    digests.push(await digestOf(store, { upTo, signal: run.signal, onBatch }));
  }
  const [expected, actual] = digests as [LogDigest, LogDigest];
  if (head !== upTo) throw new CopyDiffers(`the log of the copy ends at ${String(head)}, and that of the source at ${String(upTo)}`);
  if (expected.events !== actual.events) throw new CopyDiffers(`the source has ${expected.events} events, and the copy ${actual.events}`);
  if (expected.value !== actual.value) throw new CopyDiffers(`their events have the digests ${expected.value} and ${actual.value}`);
  const kept = new RecordDigest();
  for await (const part of target.transfer.records({ signal: run.signal })) kept.add(part.records);
  if (kept.value !== records.value) throw new CopyDiffers("what they hold beside events is not the same");
  run.progress.clear();
  return [`Compared: ${actual.events.toLocaleString("en")} events, digest ${actual.value.slice(0, 16)}, log ${log}. Both are the same.`];
}

function summaryOf({ upTo, events, records }: Copied, seconds: number): readonly string[] {
  const beside = [
    [records.count("stream"), "streams"],
    [records.count("snapshot"), "snapshots"],
    [records.count("checkpoint"), "checkpoints"],
    [records.count("lease"), "leases"],
    [records.count("group"), "groups"],
    [records.count("entry"), "unsettled deliveries"],
  ].map(([number, what]) => `${number?.toLocaleString("en")} ${what}`);
  const rate = Math.round(events / seconds).toLocaleString("en");
  return [
    `Copied: ${events.toLocaleString("en")} events in ${seconds.toFixed(1)} s (${rate} a second), up to position ${upTo ?? "none"}.`,
    `Beside them: ${beside.join(", ")}.`,
  ];
}

/** The copy is whole; whether it is the last one only its user knows. */
async function adviceOf(source: EventStore, { upTo }: Copied): Promise<readonly string[]> {
  const { head } = await source.transfer.status();
  const more = (head ?? -1) - (upTo ?? -1);
  if (more > 0)
    return [`The source has gone on by ${more.toLocaleString("en")} positions since. Stop what writes to it, and run this again.`];
  return [
    "Unless the source was stopped before this run, stop it and run this again before the copy is used. From then on do not write to the source.",
  ];
}

function count(place: Position | null): string {
  return ((place ?? -1) + 1).toLocaleString("en");
}
