import { once } from "node:events";
import { sleep } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import { newEvent } from "@reactive-domain/store-tests";
import { expect, it, vi } from "vitest";
import { ackOf, create, createRequest, persistentClient, readOptions } from "./raw-persistent.ts";
import { serve } from "./serve.ts";

const PATIENT = { timeout: 20_000, interval: 100 };
const SLOW = { timeout: 40_000 };
const large = () => newEvent({ data: JSON.stringify({ text: "x".repeat(500_000) }) });
const bold = createRequest((settings) => {
  settings.setResolveLinks(true);
  settings.setLiveBufferSize(1_000);
  settings.setReadBatchSize(500);
  settings.setHistoryBufferSize(1_000);
});

/** How many events the server has of the one subscription when it takes no more. */
async function takenAtLast(store: EventStore): Promise<number> {
  const [group] = await store.groups.list();
  const claimed = async () => (await store.groups.status(group?.name ?? "")).claimed;
  return vi.waitFor(async () => {
    const before = await claimed();
    expect(before).toBeGreaterThan(0);
    await sleep(500);
    expect(await claimed()).toBe(before);
    return before;
  }, PATIENT);
}

it("a server takes a little of large events that links lead to for a consumer that does not read", SLOW, async () => {
  const { server, store } = await serve({ pageBytes: 200_000 });
  const client = persistentClient(server);
  await store.append("large", [large()], { expectedVersion: "noStream" });
  const link = () => newEvent({ type: "$>", contentType: "text/plain", data: "0@large" });
  const links = Array.from({ length: 1_000 }, link);
  await store.write([{ kind: "append", stream: "a", expectedVersion: "noStream", events: links }], { systemStreams: true });
  expect(await create(client, bold)).toBeNull();
  const call = client.read();
  call.on("error", () => undefined);
  call.write(readOptions({ bufferSize: 1_000 }));
  await once(call, "readable");
  expect(await takenAtLast(store)).toBeLessThan(60);
  call.cancel();
});

it("a server gives back what it cannot hold of large events behind small ones, and delivers all in their order", SLOW, async () => {
  const { server, store } = await serve({ pageBytes: 200_000 });
  const client = persistentClient(server);
  const small = 1_500;
  await store.append("a", Array.from({ length: small }, newEvent), { expectedVersion: "noStream" });
  await store.append("a", Array.from({ length: 100 }, large), { expectedVersion: "any" });
  expect(await create(client, bold)).toBeNull();
  const call = client.read();
  call.on("error", () => undefined);
  const revisions: number[] = [];
  let isReading = true;
  call.on("data", (response) => {
    const event = response.getEvent()?.getEvent();
    if (event === undefined) return;
    revisions.push(Number(event.getStreamRevision()));
    call.write(ackOf(event.getId()?.getString() ?? ""));
    if (isReading && revisions.length > small) call.pause();
  });
  call.write(readOptions({ bufferSize: 1_000 }));
  await vi.waitFor(() => expect(revisions.length).toBeGreaterThan(small), PATIENT);
  expect(await takenAtLast(store)).toBeLessThan(60);
  isReading = false;
  call.resume();
  await vi.waitFor(() => expect(revisions).toHaveLength(small + 100), PATIENT);
  expect(revisions).toEqual(Array.from({ length: small + 100 }, (_, number) => number));
  call.cancel();
});
