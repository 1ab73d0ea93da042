// #region node-test
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { casesWithin, eventStoreCases, type StoreFactory } from "@reactive-domain/testing/conformance";
import { openJsonLinesStore } from "./json-lines-store.ts";

const folder = mkdtempSync(join(tmpdir(), "json-lines-"));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
const open: StoreFactory = () => openJsonLinesStore(join(folder, `${files++}.jsonl`));
await using store = await open();

void describe("the JSON-lines store keeps the promises of the event store port", () => {
  for (const { name, behaviours, run } of casesWithin(store.gaps, eventStoreCases)) {
    void it([name, ...behaviours].join(" | "), () => run(open));
  }
});
// #endregion
