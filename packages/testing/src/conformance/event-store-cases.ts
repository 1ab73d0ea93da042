import { appendCases } from "./append-cases.ts";
import { closingCases } from "./closing-cases.ts";
import { concurrentWriteCases } from "./concurrent-write-cases.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { countCases } from "./count-cases.ts";
import { eventSizeCases } from "./event-size-cases.ts";
import { expectedVersionCases } from "./expected-version-cases.ts";
import { filterCases } from "./filter-cases.ts";
import { multiStreamWriteCases } from "./multi-stream-write-cases.ts";
import { placeCases } from "./place-cases.ts";
import { refusedWriteCases } from "./refused-write-cases.ts";
import { repeatedWriteCases } from "./repeated-write-cases.ts";
import { sourceCases } from "./source-cases.ts";
import { streamReadCases } from "./stream-read-cases.ts";
import { subscriptionCases } from "./subscription-cases.ts";
import { subscriptionEndCases } from "./subscription-end-cases.ts";
import { subscriptionFlowCases } from "./subscription-flow-cases.ts";
import { verbatimCases } from "./verbatim-cases.ts";

/**
 * What every event store promises, case by case. A store that passes them all keeps the contract of `EventStore`; its factory opens it with its usual limits.
 *
 * @example
 * for (const { name, run } of eventStoreCases) it(name, () => run(() => openMyStore(temporaryFolder())));
 */
export const eventStoreCases: readonly ConformanceCase[] = [
  ...appendCases,
  ...expectedVersionCases,
  ...repeatedWriteCases,
  ...multiStreamWriteCases,
  ...concurrentWriteCases,
  ...verbatimCases,
  ...refusedWriteCases,
  ...eventSizeCases,
  ...streamReadCases,
  ...placeCases,
  ...countCases,
  ...sourceCases,
  ...filterCases,
  ...subscriptionCases,
  ...subscriptionFlowCases,
  ...subscriptionEndCases,
  ...closingCases,
];
