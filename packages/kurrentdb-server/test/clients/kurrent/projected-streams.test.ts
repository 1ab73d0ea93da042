import {
  AccessDeniedError,
  StreamNotFoundError,
  jsonEvent,
  persistentSubscriptionToStreamSettingsFromDefaults,
  type KurrentDBClient,
  type LinkEvent,
} from "@kurrent/kurrentdb-client";
import type { EventStore, NewEvent } from "@reactive-domain/persistence";
import { newEvent } from "@reactive-domain/store-tests";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { collect } from "../collect.ts";
import { refusalOf } from "../refusal-of.ts";
import { connect, connectTo, numbered } from "./connect.ts";
import { serve } from "../serve.ts";

const opened = () => jsonEvent({ type: "opened", data: {} });
const text = (data: unknown) => Buffer.from(data as Uint8Array).toString("utf8");

/** The entries of a view in short: its type, and what it leads to or names. */
async function entriesOf(client: KurrentDBClient, view: string): Promise<string[]> {
  const entries = await collect(client.readStream<LinkEvent>(view));
  return entries.map(({ event }) => `${event?.type} ${text(event?.data)}`);
}

/** Of what is resolved: the event, and the view that leads to it. */
async function resolvedOf(client: KurrentDBClient, view: string): Promise<(string | undefined)[][]> {
  const entries = await collect(client.readStream(view, { resolveLinkTos: true }));
  return entries.map(({ event, link }) => [event && `${event.revision}@${event.streamId}`, link?.streamId]);
}

function ofChain(correlationId: string): NewEvent {
  return { ...newEvent(), metadata: JSON.stringify({ correlationId }) };
}

async function connectBeside(open: () => Promise<EventStore>): Promise<{ readonly store: EventStore; readonly client: KurrentDBClient }> {
  const store = await open();
  const server = await serve(async () => store);
  return { store, client: connectTo(server.url) };
}

describe.each(everyStore)("on $name", ({ open }) => {
  it("$streams links to the first event of every stream, also of those that tell of others", async () => {
    const client = await connect(open);
    for (const stream of ["account-1", "счёт-2", "account-1", "savings"]) await client.appendToStream(stream, opened());
    await client.setStreamMetadata("account-1", { maxCount: 5 });
    expect(await entriesOf(client, "$streams")).toEqual(["$> 0@account-1", "$> 0@счёт-2", "$> 0@savings", "$> 0@$$account-1"]);
    expect((await resolvedOf(client, "$streams"))[1]).toEqual(["0@счёт-2", "$streams"]);
  });

  it("$category- names the streams of a category, and leads nowhere", async () => {
    const client = await connect(open);
    for (const stream of ["account-1", "savings-1", "account-2", "account-1"]) await client.appendToStream(stream, opened());
    expect(await entriesOf(client, "$category-account")).toEqual(["$@ account-1", "$@ account-2"]);
    const resolved = await collect(client.readStream<LinkEvent>("$category-account", { resolveLinkTos: true }));
    expect(resolved.map(({ event, link }) => [event?.streamId, event?.type, link])).toEqual([
      ["$category-account", "$@", undefined],
      ["$category-account", "$@", undefined],
    ]);
  });

  it("$bc- links to the events of a chain, whether a client wrote them or an application in process", async () => {
    const { store, client } = await connectBeside(open);
    await client.appendToStream("a-1", [
      jsonEvent({ type: "asked", data: {}, metadata: { $correlationId: "chain 1", by: "Ада" } }),
      jsonEvent({ type: "asked", data: {}, metadata: { $correlationId: "chain 2" } }),
      jsonEvent({ type: "asked", data: {}, metadata: { nested: { $correlationId: "chain 1" } } }),
    ]);
    await store.append("b-1", [ofChain("chain 2"), ofChain("chain 1")], { expectedVersion: "noStream" });
    await client.appendToStream("b-1", {
      ...jsonEvent({ type: "$>", data: {}, metadata: { $correlationId: "chain 1" } }),
    });
    expect(await entriesOf(client, "$bc-chain 1")).toEqual(["$> 0@a-1", "$> 1@b-1"]);
    const [first] = await collect(client.readStream("$bc-chain 1", { resolveLinkTos: true, maxCount: 1 }));
    expect([first?.event?.metadata, first?.link?.streamId]).toEqual([{ $correlationId: "chain 1", by: "Ада" }, "$bc-chain 1"]);
    const kept = await collect(store.read({ all: true }, { filter: { correlationId: "chain 1" } }));
    expect(kept.map(({ stream, version }) => `${version}@${stream}`)).toEqual(["0@a-1", "1@b-1", "2@b-1"]);
  });

  it.each(["$streams", "$category-account", "$bc-chain"])(
    "%s is read from any of its revisions, in both directions, as far as is asked",
    async (view) => {
      const client = await connect(open, { pageEvents: 2 });
      const event = () => jsonEvent({ type: "opened", data: {}, metadata: { $correlationId: "chain" } });
      await client.appendToStream("other", opened());
      for (let number = 0; number < 4; number++) {
        await client.appendToStream(`account-${number}`, event());
        await client.appendToStream("other", numbered(3));
      }
      const entries = await collect(client.readStream(view));
      const fromRevision = entries[2]?.event?.revision ?? 0n;
      const backwards = { direction: "backwards", fromRevision: "end" } as const;
      expect(entries.length).toBe(view === "$streams" ? 5 : 4);
      expect({
        first: await collect(client.readStream(view, { maxCount: 2 })),
        from: await collect(client.readStream(view, { fromRevision })),
        between: await collect(client.readStream(view, { fromRevision: fromRevision + 1n })),
        behind: await collect(client.readStream(view, { fromRevision: 1_000n })),
        backwards: await collect(client.readStream(view, backwards)),
        last: await collect(client.readStream(view, { ...backwards, maxCount: 1 })),
        backwardsFrom: await collect(client.readStream(view, { direction: "backwards", fromRevision })),
      }).toEqual({
        first: entries.slice(0, 2),
        from: entries.slice(2),
        between: entries.slice(3),
        behind: [],
        backwards: entries.toReversed(),
        last: entries.slice(-1),
        backwardsFrom: entries.slice(0, 3).toReversed(),
      });
    },
  );

  it("they are followed from where they were left, and go on with what is written", async () => {
    const client = await connect(open);
    const event = () => jsonEvent({ type: "opened", data: {}, metadata: { $correlationId: "chain" } });
    for (let number = 0; number < 3; number++) await client.appendToStream(`account-${number}`, event());
    for (const [number, view] of ["$streams", "$category-account", "$bc-chain"].entries()) {
      const entries = await collect(client.readStream(view));
      const subscription = client.subscribeToStream(view, { fromRevision: entries[0]?.event?.revision ?? "end" });
      const appends: Promise<unknown>[] = [];
      subscription.once("caughtUp", () => void appends.push(client.appendToStream(`account-live-${number}`, event())));
      const seen = [];
      for await (const { event: entry } of subscription) {
        seen.push(entry?.revision);
        if (seen.length === entries.length) break;
      }
      await Promise.all(appends);
      expect(seen).toEqual((await collect(client.readStream(view))).slice(1).map(({ event: entry }) => entry?.revision));
    }
  });

  it.each(["$streams", "$bc-chain"])("%s is consumed by a persistent subscription, without what does not belong to it", async (view) => {
    const client = await connect(open);
    const event = () => jsonEvent({ type: "opened", data: {}, metadata: { $correlationId: "chain" } });
    await client.createPersistentSubscriptionToStream(
      view,
      "readers",
      persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: "start", resolveLinkTos: true }),
    );
    for (let number = 0; number < 3; number++) {
      await client.appendToStream(`account-${number}`, event());
      await client.appendToStream(`account-${number}`, numbered(2));
    }
    const subscription = client.subscribeToPersistentSubscriptionToStream(view, "readers");
    const seen: (string | undefined)[] = [];
    for await (const entry of subscription) {
      await subscription.ack(entry);
      const { event: target } = entry;
      if (target?.streamId.startsWith("account-") === true) seen.push(`${target.revision}@${target.streamId}`);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual(["0@account-0", "0@account-1", "0@account-2"]);
  });

  it("what nothing belongs to is not found", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", opened());
    for (const view of ["$bc-never", "$category-never", "$category-", "$bc-"])
      expect(await refusalOf(collect(client.readStream(view)))).toBeInstanceOf(StreamNotFoundError);
  });

  it.each([
    "$streams",
    "$bc-chain",
    "$category-account",
    "$ce-account",
    "$et-opened",
    "$$$streams",
    "$projections-$by_category",
    "$$$projections-$streams",
  ])("%s is not written", async (stream) => {
    const client = await connect(open);
    expect(await refusalOf(client.appendToStream(stream, opened()))).toBeInstanceOf(AccessDeniedError);
  });
});
