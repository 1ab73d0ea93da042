import type { AppendItem, WriteItem, WriteResult } from "@reactive-domain/persistence";
import type { Report, SentWrite, Slot } from "./protocol.ts";

export interface LedgerAppend {
  readonly stream: string;
  readonly ids: readonly string[];
}

/** A write as the parent knows it. */
export interface LedgerWrite {
  readonly id: string;
  readonly caller: string;
  readonly number: number;
  readonly appends: readonly LedgerAppend[];
  /** The name and the version of the snapshot that it puts. */
  readonly snapshot: { readonly name: string; readonly version: number } | undefined;
  /** `unknown` when its writer was killed before it told the outcome. */
  state: "sent" | "acknowledged" | "refused" | "unknown";
  result: WriteResult | undefined;
  /** All of it, as long as it may have to be repeated. */
  sent: SentWrite | undefined;
}

/** Callers whose writes are repeated with the same ids; the others do their work anew, under ids that follow from its source. */
const REPEATING = /^[abcd]\.(?:entry|order|transfer|done|scrap)\b/;

/** What the children have sent, and what they were told about it. */
export class Ledger {
  readonly #writes = new Map<string, LedgerWrite>();
  readonly #next = new Map<string, number>();
  readonly #open = new Map<string, LedgerWrite>();
  #news = new Set<LedgerWrite>();
  #acknowledged = 0;

  /** How many acknowledgements were told. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  get writes(): Iterable<LedgerWrite> {
    return this.#writes.values();
  }

  /** Those of which something was heard since the last call, or of which it is now known that nothing will be. */
  takeNews(): Iterable<LedgerWrite> {
    const news = this.#news;
    this.#news = new Set();
    return news;
  }

  /** The next number of each caller. */
  next(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#next);
  }

  take(report: Report): void {
    if (report.kind === "sent") this.#sent(report.write);
    else if (report.kind === "acknowledged") this.#outcome(report.id, "acknowledged", report.result ?? undefined);
    else if (report.kind === "refused") this.#outcome(report.id, "refused", undefined);
  }

  /** To be called when a child of a slot is dead, and all its reports are taken: what it was not told, nobody knows. */
  close(slot: Slot): void {
    for (const [id, write] of this.#open) {
      if (!id.startsWith(`${slot}.`)) continue;
      write.state = "unknown";
      this.#news.add(write);
      this.#open.delete(id);
    }
  }

  /** What is to be repeated. */
  unknown(slot: Slot): readonly SentWrite[] {
    return [...this.#writes.values()].flatMap(({ id, state, sent }) =>
      state === "unknown" && id.startsWith(`${slot}.`) && sent !== undefined && REPEATING.test(id) ? [sent] : [],
    );
  }

  #sent(sent: SentWrite): void {
    const [caller = "", digits = ""] = sent.id.split("#");
    const number = Number(digits);
    const known = this.#writes.get(sent.id);
    const write: LedgerWrite = known ?? {
      id: sent.id,
      caller,
      number,
      appends: appendsOf(sent.items),
      snapshot: sent.items.find((item) => item.kind === "snapshot"),
      state: "sent",
      result: undefined,
      sent,
    };
    write.state = "sent";
    this.#writes.set(write.id, write);
    this.#open.set(write.id, write);
    this.#next.set(caller, Math.max(this.#next.get(caller) ?? 0, number + 1));
  }

  #outcome(id: string, state: "acknowledged" | "refused", result: WriteResult | undefined): void {
    const write = this.#writes.get(id);
    if (write === undefined) throw new Error(`The write ${id} has an outcome and was never sent.`);
    write.state = state;
    write.result = result;
    write.sent = undefined;
    this.#news.add(write);
    this.#open.delete(id);
    if (state === "acknowledged") this.#acknowledged++;
  }
}

export function isRepeating(write: LedgerWrite): boolean {
  return REPEATING.test(write.caller);
}

function appendsOf(items: readonly WriteItem[]): readonly LedgerAppend[] {
  return items
    .filter((item): item is AppendItem => item.kind === "append")
    .map(({ stream, events }) => ({ stream, ids: events.map(({ id }) => id) }));
}
