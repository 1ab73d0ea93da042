import { shownUrl } from "@reactive-domain/core";
import type { Finding } from "@reactive-domain/persistence";
import { FindingsMade } from "../errors.ts";
import { interruptible } from "../interruptible.ts";
import { maintain, type MaintenanceOptions } from "../open-maintenance.ts";
import type { Output } from "../output.ts";
import { printable } from "../printable.ts";

export interface CheckStoreOptions extends MaintenanceOptions {
  /** How many of the last events are looked into for JSON that is none. */
  readonly jsonEvents?: number;
}

/** Holds a store to what is promised of it, and lists what is not so. Throws {@link FindingsMade} when there is any. */
export async function checkStore(options: CheckStoreOptions, output: Output): Promise<void> {
  const { json, jsonEvents, store } = options;
  const bound = jsonEvents === undefined ? {} : { maxJsonEvents: jsonEvents };
  const { findings } = await interruptible((signal) => maintain(options, (maintenance) => maintenance.check({ ...bound, signal })));
  await output.write(findings.map((finding) => (json === true ? JSON.stringify(finding) : asLine(finding))));
  if (findings.length > 0) throw new FindingsMade(findings.length, shownUrl(store));
  if (json !== true) await output.write(["ok"]);
}

function asLine({ law, problem }: Finding): string {
  return `${law}: ${printable(problem)}`;
}
