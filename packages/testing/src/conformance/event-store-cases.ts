import { appendCases } from "./append-cases.ts";
import { batchBytesCases } from "./batch-bytes-cases.ts";
import { closingCases } from "./closing-cases.ts";
import { commitTimeCases } from "./commit-time-cases.ts";
import { concurrentWriteCases } from "./concurrent-write-cases.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { correlationFilterCases } from "./correlation-filter-cases.ts";
import { countCases } from "./count-cases.ts";
import { eventSizeCases } from "./event-size-cases.ts";
import { expectationCases } from "./expectation-cases.ts";
import { expectedVersionCases } from "./expected-version-cases.ts";
import { filterCases } from "./filter-cases.ts";
import { groupGuarantees } from "./group-guarantees.ts";
import type { Guarantee } from "./guarantee.ts";
import { modelCases } from "./model/model-cases.ts";
import { multiStreamWriteCases } from "./multi-stream-write-cases.ts";
import { withNeeds } from "./needed-traits.ts";
import { placeCases } from "./place-cases.ts";
import { progressGuarantees } from "./progress-guarantees.ts";
import { refusedWriteCases } from "./refused-write-cases.ts";
import { repeatedWriteCases } from "./repeated-write-cases.ts";
import { sourceCases } from "./source-cases.ts";
import { streamInfoCases } from "./stream-info-cases.ts";
import { streamLifeGuarantees } from "./stream-life-guarantees.ts";
import { streamReadCases } from "./stream-read-cases.ts";
import { subscriptionCases } from "./subscription-cases.ts";
import { subscriptionDropCases } from "./subscription-drop-cases.ts";
import { subscriptionEndCases } from "./subscription-end-cases.ts";
import { subscriptionFlowCases } from "./subscription-flow-cases.ts";
import { systemStreamCases } from "./system-stream-cases.ts";
import { transferGuarantees } from "./transfer-guarantees.ts";
import { upToCases } from "./up-to-cases.ts";
import { verbatimCases } from "./verbatim-cases.ts";

/** What every event store promises, promise by promise. */
export const eventStoreGuarantees: readonly Guarantee[] = withNeeds([
  {
    id: "appends",
    promise:
      "An append stores all of its events one behind the other, or none. Versions count within a stream and positions within the log, from 0 and without holes.",
    cases: appendCases,
  },
  { id: "commit-times", promise: "Times of commit never go back along the log, although clocks do.", cases: commitTimeCases },
  {
    id: "expected-versions",
    promise:
      "A writer says what it believes about a stream: that it does not exist, exists, is at a version, or that it does not care. Where that is wrong nothing is written, and the error tells the stream, what was expected and what is.",
    cases: expectedVersionCases,
  },
  {
    id: "idempotency",
    promise:
      "A write whose events are in their streams already, by id, is answered as it was the first time, whatever has happened since. One that is there in part is refused.",
    cases: repeatedWriteCases,
  },
  {
    id: "atomic-writes",
    promise: "A write of several items is done whole or not at all, and is seen whole or not at all.",
    cases: multiStreamWriteCases,
  },
  {
    id: "expectations",
    promise: "A write may hold streams that it does not change to a version: nothing of it is done unless all of them are as expected.",
    cases: expectationCases,
  },
  {
    id: "concurrent-writers",
    promise: "Writers that work side by side each get their own outcome; exactly one wins where only one can.",
    cases: concurrentWriteCases,
  },
  {
    id: "verbatim",
    promise: "Data and metadata come back as they were written, byte by byte and character by character.",
    cases: verbatimCases,
  },
  {
    id: "refusals",
    promise: "What no store can keep is refused before anything is written, with an error that says what, expected and actual.",
    cases: refusedWriteCases,
  },
  {
    id: "system-streams",
    promise: "Streams and event types whose names begin with `$` are written by who asks for it, and then are like all others.",
    cases: systemStreamCases,
  },
  { id: "event-size", promise: "Events are taken up to the limit of the store, to the byte.", cases: eventSizeCases },
  {
    id: "stream-reads",
    promise:
      "A stream is read forwards and backwards, from any version, page by page. A stream that does not exist is a result, not an error.",
    cases: streamReadCases,
  },
  { id: "places", promise: "Every source is read from any place, inclusive or exclusive, in both directions.", cases: placeCases },
  {
    id: "limits",
    promise: "A read gives as many events as its limit says, or as there are; a batch is no larger than asked for.",
    cases: countCases,
  },
  {
    id: "sources",
    promise:
      "Categories and event types are views of the log: every event appears once, in the order of the log, with its own stream and version.",
    cases: sourceCases,
  },
  {
    id: "filters",
    promise: "Filters run in the store, and let exactly what they name through.",
    cases: [...filterCases, ...correlationFilterCases],
  },
  {
    id: "batch-bytes",
    promise: "A batch ends before its events exceed the bytes that were asked for; one event it always has.",
    cases: batchBytesCases,
  },
  {
    id: "read-ends",
    promise: "A read may end with a version, a position or a time of commit; what lies behind is left out, whichever way is read.",
    cases: upToCases,
  },
  { id: "stream-info", promise: "A store tells of each stream whether it exists, and where it begins and ends.", cases: streamInfoCases },
  {
    id: "subscriptions",
    promise: "A subscription gives history, one live signal, then what is committed later, from any place, without loss or repetition.",
    cases: subscriptionCases,
  },
  {
    id: "subscription-progress",
    promise:
      "A subscription keeps up with writers, bounds what it holds, tells how far it has come, and misses nothing however slow its reader is.",
    cases: subscriptionFlowCases,
  },
  {
    id: "subscription-end",
    promise: "A subscription that ends says why, promptly, and gives nothing more.",
    cases: [...subscriptionEndCases, ...subscriptionDropCases],
  },
  ...streamLifeGuarantees,
  ...progressGuarantees,
  ...groupGuarantees,
  ...transferGuarantees,
  { id: "closing", promise: "Closing finishes what was accepted; a closed store says so.", cases: closingCases },
  {
    id: "model",
    promise:
      "Whatever is written, read, deleted and followed, in whatever order and by however many at once, a store does what a plain list would do that served one call after another.",
    cases: modelCases(),
  },
]);

/**
 * What every event store promises, case by case. A store that passes them all keeps the contract of `EventStore`; its factory opens it with its usual limits. For one with
 * gaps see {@link casesWithin}.
 *
 * @example
 * for (const { name, run } of eventStoreCases) it(name, () => run(() => openMyStore(temporaryFolder())));
 */
export const eventStoreCases: readonly ConformanceCase[] = eventStoreGuarantees.flatMap(({ cases }) => cases);
