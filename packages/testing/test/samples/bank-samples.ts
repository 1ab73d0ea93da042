import { Event } from "@reactive-domain/foundation";
import * as v from "valibot";
import { SampleFolder } from "./folder.ts";

export class Opened extends Event("Opened")<{ owner: string; tags: readonly string[] }> {}
export class Deposited extends Event("Deposited", {
  schema: v.object({ amount: v.number() }),
  version: 3,
  upcasters: {
    1: (old: { sum: string }) => ({ sum: Number(old.sum) }),
    2: (old: { sum: number }) => ({ amount: old.sum }),
  },
}) {}

export const opened = new Opened({ owner: "Ann", tags: ["new"] });
export const deposited = new Deposited({ amount: 5 });
export const json = "application/json";

/** The samples of both classes, as they are to be. */
export function filled(): SampleFolder {
  const folder = new SampleFolder();
  folder.write("Opened.1.json", {
    type: "Opened",
    schemaVersion: 1,
    contentType: json,
    data: { owner: "Ann", tags: ["new"] },
    means: [{ type: "Opened", payload: { owner: "Ann", tags: ["new"] } }],
  });
  for (const [version, data] of [
    [1, { sum: "5" }],
    [2, { sum: 5 }],
    [3, { amount: 5 }],
  ] as const)
    folder.write(`Deposited.${version}.json`, {
      type: "Deposited",
      schemaVersion: version,
      contentType: json,
      data,
      means: [{ type: "Deposited", payload: { amount: 5 } }],
    });
  return folder;
}

export const both = [Opened, Deposited];
