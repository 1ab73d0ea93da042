import { status } from "@grpc/grpc-js";
import persistent from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/persistentsubscriptions_pb.js";
import shared from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js";
import { sleep } from "@reactive-domain/core";
import { newEvent } from "@reactive-domain/store-tests";
import { describe, expect, it, vi } from "vitest";
import { structuredUuid } from "./raw-appends.ts";
import { ackOf, create, createRequest, persistentClient, read, readOptions, type ReadReq } from "./raw-persistent.ts";
import { serve } from "./serve.ts";

const ID = "00000000-0000-4000-8000-000000000001";
const PATIENT = { timeout: 8000 };
const empty = () => new persistent.ReadReq();

describe("a consumer's call", () => {
  const wrong: readonly (readonly [string, readonly ReadReq[], RegExp])[] = [
    ["that begins with an acknowledgement", [ackOf(ID)], /must begin with which persistent subscription/],
    ["that begins with nothing", [empty()], /must begin with which persistent subscription/],
    ["that says twice what it reads", [readOptions(), readOptions()], /says twice/],
    ["with no room", [readOptions({ bufferSize: 0 })], /buffer size must be an integer from 1, but is 0/],
    ["with less than no room", [readOptions({ bufferSize: -5 })], /but is -5/],
    ["that names no stream", [readOptions({ stream: "" })], /names no stream/],
  ];

  it.each(wrong)("%s is refused", async (_name, requests, message) => {
    const { server } = await serve();
    const client = persistentClient(server);
    expect(await create(client)).toBeNull();
    const error = await read(client, ...requests).ended;
    expect(error?.code).toBe(status.INVALID_ARGUMENT);
    expect(error?.details).toMatch(message);
  });

  it("that acknowledges what is no id, or says nothing, is ended, and what it had goes to others", async () => {
    const { server, store } = await serve();
    const client = persistentClient(server);
    await store.append("a", [newEvent()], { expectedVersion: "noStream" });
    expect(await create(client)).toBeNull();
    for (const [index, request] of [ackOf("no-id"), ackOf(""), empty()].entries()) {
      const consumer = read(client, readOptions());
      await vi.waitFor(() => expect(consumer.events.map((event) => event.getRetryCount())).toEqual([index]), PATIENT);
      consumer.call.write(request);
      expect((await consumer.ended)?.code).toBe(status.INVALID_ARGUMENT);
    }
  });

  it("that says nothing more goes, and what it had goes to others", async () => {
    const { server, store } = await serve();
    const client = persistentClient(server);
    await store.append("a", [newEvent()], { expectedVersion: "noStream" });
    await create(client);
    const first = read(client, readOptions());
    await vi.waitFor(() => expect(first.events).toHaveLength(1), PATIENT);
    first.call.end();
    expect(await first.ended).toBeUndefined();
    const second = read(client, readOptions());
    await vi.waitFor(() => expect(second.events).toHaveLength(1), PATIENT);
    const nothing = client.read();
    const refused = new Promise<number>((resolve) => {
      nothing.on("error", ({ code }: { code: number }) => resolve(code));
    });
    nothing.on("data", () => undefined);
    nothing.end();
    expect(await refused).toBe(status.INVALID_ARGUMENT);
  });

  it("may have ids as numbers", async () => {
    const { server, store } = await serve();
    const client = persistentClient(server);
    await store.append("a", [newEvent({ id: ID }), newEvent()], { expectedVersion: "noStream" });
    await create(client);
    const consumer = read(client, readOptions({ structured: true, bufferSize: 1 }));
    await vi.waitFor(() => expect(consumer.events).toHaveLength(1), PATIENT);
    const halves = consumer.events[0]?.getEvent()?.getId()?.getStructured();
    expect(halves?.getLeastSignificantBits()).toBe(BigInt.asIntN(64, 0x8000000000000001n).toString());
    consumer.call.write(ackOf(structuredUuid(halves?.getMostSignificantBits() ?? "", halves?.getLeastSignificantBits() ?? "")));
    await vi.waitFor(() => expect(consumer.events).toHaveLength(2), PATIENT);
  });

  it("counts among the reads that a connection may have", async () => {
    const { server } = await serve({ maxReadsPerConnection: 1 });
    const client = persistentClient(server);
    await create(client);
    const first = read(client, readOptions());
    await vi.waitFor(async () => expect((await read(client, readOptions()).ended)?.code).toBe(status.RESOURCE_EXHAUSTED), PATIENT);
    first.call.cancel();
    await first.ended;
    const later = await vi.waitFor(async () => {
      const consumer = read(client, readOptions());
      const confirmed = new Promise((resolve) => consumer.call.on("data", () => resolve("confirmed")));
      expect(await Promise.race([confirmed, consumer.ended])).toBe("confirmed");
      return consumer;
    }, PATIENT);
    expect(later.events).toEqual([]);
  });
});

describe("a request for a persistent subscription", () => {
  it("without options, settings or a group is refused", async () => {
    const { server } = await serve();
    const client = persistentClient(server);
    const noSettings = createRequest();
    noSettings.getOptions()?.clearSettings();
    const noGroup = createRequest();
    noGroup.getOptions()?.setGroupName("");
    const noStream = createRequest();
    noStream.getOptions()?.clearStreamIdentifier();
    for (const request of [new persistent.CreateReq(), noSettings, noGroup, noStream])
      expect(await create(client, request)).toMatchObject({ code: status.INVALID_ARGUMENT });
    const listed = await new Promise((resolve) => {
      client.list(new persistent.ListReq(), resolve);
    });
    expect(listed).toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  it("may say times in ticks, and the strategy by number or by a name, which must be one", async () => {
    const { server } = await serve();
    const client = persistentClient(server);
    const wrong = await create(
      client,
      createRequest((settings) => settings.setConsumerStrategy("Whoever")),
    );
    expect(wrong?.metadata.get("exception")).toEqual(["persistent-subscription-failed"]);
    expect(wrong?.metadata.get("reason")[0]).toMatch(/no consumer strategy Whoever/);
    const made = createRequest((settings) => {
      settings.setMessageTimeoutTicks("15000000");
      settings.setCheckpointAfterTicks("20000");
      settings.setNamedConsumerStrategy(persistent.CreateReq.ConsumerStrategy.PINNED);
    });
    expect(await create(client, made)).toBeNull();
    const request = new persistent.ListReq();
    const options = new persistent.ListReq.Options();
    options.setListAllSubscriptions(new shared.Empty());
    request.setOptions(options);
    const list = await new Promise<InstanceType<typeof persistent.ListResp>>((resolve, reject) => {
      client.list(request, (error, response) => (error ? reject(error) : resolve(response)));
    });
    expect(list.toObject().subscriptionsList).toMatchObject([
      { messageTimeoutMilliseconds: 1500, checkPointAfterMilliseconds: 2, namedConsumerStrategy: "Pinned" },
    ]);
  });
});

describe("a server that stops", () => {
  it("gives back what its consumers had, as if it had not been given", async () => {
    const { server, store } = await serve();
    const client = persistentClient(server);
    await store.append("a", [newEvent(), newEvent(), newEvent()], { expectedVersion: "noStream" });
    await create(client);
    const consumer = read(client, readOptions({ bufferSize: 2 }));
    await vi.waitFor(() => expect(consumer.events).toHaveLength(2), PATIENT);
    await server.close();
    expect((await consumer.ended)?.code).toBe(status.UNAVAILABLE);
    const [group] = await store.groups.list();
    expect(group).toMatchObject({ waiting: 3, claimed: 0, parked: 0 });
    const again = await store.groups.claim(group?.name ?? "", { consumer: "test", maxEvents: 10 });
    expect(again.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  });

  it("takes no more for a consumer that does not read than the connection holds, a page, and a little ahead", async () => {
    const { server, store } = await serve({ pageBytes: 200_000 });
    const client = persistentClient(server);
    const large = () => newEvent({ data: JSON.stringify({ text: "x".repeat(100_000) }) });
    await store.append("a", Array.from({ length: 200 }, large), { expectedVersion: "noStream" });
    await create(client);
    const call = client.read();
    call.on("error", () => undefined);
    call.write(readOptions({ bufferSize: 1_000 }));
    call.pause();
    const [group] = await store.groups.list();
    const claimed = async () => (await store.groups.status(group?.name ?? "")).claimed;
    await vi.waitFor(async () => expect(await claimed()).toBeGreaterThan(0), PATIENT);
    await vi.waitFor(async () => {
      const before = await claimed();
      await sleep(300);
      expect([await claimed(), before < 200]).toEqual([before, true]);
    }, PATIENT);
    call.resume();
    call.on("data", () => undefined);
    await vi.waitFor(async () => expect(await claimed()).toBe(200), PATIENT);
    call.cancel();
  });
});
