import { openKurrentStore } from "@reactive-domain/kurrentdb";
import { collect } from "@reactive-domain/store-tests";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { startChild, writtenBy } from "@reactive-domain/store-tests/vitest";
import { describe, expect, onTestFinished, test } from "vitest";
import { serve } from "./served-stores.ts";

const NAMES = ["red", "green", "blue"];
const EACH = 25;

describe.each(everyStore)("over $name", ({ open }) => {
  test("of several processes that write one stream as they know it exactly one wins each version", async () => {
    const inside = await open();
    const server = await serve(inside);
    onTestFinished(async () => {
      await server.close();
      await inside.close();
    });
    const writers = NAMES.map((name) => startChild(new URL("child-competitor.ts", import.meta.url), server.url, name, EACH));
    expect(await Promise.all(writers.map(({ ended }) => ended))).toEqual([0, 0, 0]);

    await using store = await openKurrentStore(server.url);
    const events = await collect(store, { stream: "account-1" });
    const all = Array.from({ length: NAMES.length * EACH }, (_, version) => version);
    expect(events.map(({ version }) => version)).toEqual(all);
    const claimed = writers.flatMap((writer, index) => writtenBy(writer).map(({ version }) => ({ version, name: NAMES[index] })));
    expect(claimed.toSorted((one, other) => one.version - other.version)).toEqual(
      events.map(({ version, data }) => ({ version, name: (JSON.parse(String(data)) as { readonly name: string }).name })),
    );
  }, 60_000);
});
