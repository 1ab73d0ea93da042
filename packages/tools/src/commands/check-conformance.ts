import { shownUrl } from "@reactive-domain/core";
import { eventStoreGuarantees, runConformance, type ConformanceResult } from "@reactive-domain/testing/conformance";
import { CasesFailed, UsageError } from "../errors.ts";
import type { Output } from "../output.ts";
import type { Progress } from "../progress.ts";
import { openFirst, openTrialStores, type TrialStores } from "../trial-stores.ts";
import { conformanceDocument } from "./conformance-document.ts";
import { countCases, type TriedStore } from "./conformance-report.ts";
import { conformanceText } from "./conformance-text.ts";

export interface CheckConformanceOptions {
  /** The URL of the store. */
  readonly store: string;
  /** Only the guarantee with this id, or the cases that hold this text. */
  readonly only?: string;
  readonly json?: boolean;
}

/** Runs the conformance cases on empty stores, and tells what is promised and what is kept. Throws {@link CasesFailed} when a promise is broken. */
export async function checkConformance(options: CheckConformanceOptions, output: Output, progress: Progress): Promise<void> {
  await using stores = await openTrialStores(options.store);
  const tried = await lookAt(stores, options.store);
  const results = await resultsOf(stores, options, progress);
  const write = options.json === true ? conformanceDocument : conformanceText;
  await output.write(write(tried, results));
  const { failed } = countCases(results);
  if (failed > 0) throw new CasesFailed(failed, results.length);
}

async function lookAt(stores: TrialStores, url: string): Promise<TriedStore> {
  await using store = await openFirst(stores);
  return { store: shownUrl(url), durability: store.durability, gaps: store.gaps };
}

async function resultsOf(
  stores: TrialStores,
  { only, store }: CheckConformanceOptions,
  progress: Progress,
): Promise<readonly ConformanceResult[]> {
  const results: ConformanceResult[] = [];
  try {
    progress.show("The first case is running.");
    for await (const result of runConformance(eventStoreGuarantees, () => stores.open(), only === undefined ? {} : { only })) {
      results.push(result);
      progress.show(`${results.length} cases are done, the last one of ${result.guarantee.id}.`);
    }
  } finally {
    progress.clear();
  }
  if (results.length > 0) return results;
  const ids = eventStoreGuarantees.map(({ id }) => id).join(", ");
  throw new UsageError(`No case for ${shownUrl(store)} has to do with ${only}. Give a part of a case's name, or one of these: ${ids}.`);
}
