import { NotFoundError, UnknownError, jsonEvent, type KurrentDBClient } from "@kurrent/kurrentdb-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, vi } from "vitest";
import { collect } from "../collect.ts";
import { follow } from "../follow.ts";
import { refusalOf } from "../refusal-of.ts";
import { connect, connectTo, numbered } from "./connect.ts";
import { serve } from "../serve.ts";

const NAMES = ["$by_category", "$by_correlation_id", "$by_event_type", "$stream_by_category", "$streams"];
const UNIMPLEMENTED = 12;
const opened = () => jsonEvent({ type: "opened", data: {}, metadata: { $correlationId: "chain" } });

async function revisionsOf(client: KurrentDBClient, view: string): Promise<(bigint | undefined)[]> {
  return (await collect(client.readStream(view))).map(({ event }) => event?.revision);
}

describe.each(everyStore)("on $name", ({ open }) => {
  it("all of the system's run from the beginning", async () => {
    const client = await connect(open);
    const listed = await client.listProjections();
    expect(listed.map(({ name }) => name)).toEqual(NAMES);
    expect(new Set(listed.map(({ status }) => status))).toEqual(new Set(["Running"]));
    expect(listed.every(({ name, effectiveName }) => name === effectiveName)).toBe(true);
    await client.appendToStream("account-1", numbered(3));
    expect(await client.getProjectionStatus("$by_category")).toEqual({
      name: "$by_category",
      effectiveName: "$by_category",
      status: "Running",
      projectionStatus: "Running",
      processingStatus: "",
      stateReason: "",
      position: "C:2/P:2",
      lastCheckpoint: "C:2/P:2",
      progress: 100,
      version: 0n,
      epoch: 0n,
      coreProcessingTime: 0n,
      writesInProgress: 0,
      readsInProgress: 0,
      partitionsCached: 0,
      eventsProcessedAfterRestart: 0n,
      checkpointStatus: "",
      bufferedEvents: 0n,
      writePendingEventsBeforeCheckpoint: 0,
      writePendingEventsAfterCheckpoint: 0,
    });
  });

  it.each([
    { projection: "$by_category", view: "$ce-account" },
    { projection: "$by_event_type", view: "$et-opened" },
    { projection: "$by_correlation_id", view: "$bc-chain" },
    { projection: "$stream_by_category", view: "$category-account" },
    { projection: "$streams", view: "$streams" },
  ])(
    "$view shows nothing that is written while $projection is disabled, and all of it when that is enabled again",
    async ({ projection, view }) => {
      const client = await connect(open);
      await client.appendToStream("account-1", opened());
      const before = await revisionsOf(client, view);
      await client.disableProjection(projection);
      const shown = await revisionsOf(client, view);
      for (let number = 2; number < 5; number++) await client.appendToStream(`account-${number}`, opened());
      await client.disableProjection(projection);
      const backwards = await collect(client.readStream(view, { direction: "backwards", fromRevision: "end", maxCount: 1 }));
      expect(shown.slice(0, before.length)).toEqual(before);
      expect(await revisionsOf(client, view)).toEqual(shown);
      expect(backwards.map(({ event }) => event?.revision)).toEqual(shown.slice(-1));
      await client.enableProjection(projection);
      const after = await revisionsOf(client, view);
      expect([after.slice(0, shown.length), after.length >= shown.length + 3]).toEqual([shown, true]);
    },
  );

  it("its status, its place and its progress tell that it has stopped, and how", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(3));
    await client.disableProjection("$by_category");
    await client.abortProjection("$streams");
    await client.appendToStream("account-1", numbered(5));
    expect(await client.getProjectionStatus("$by_category")).toMatchObject({
      status: "Stopped",
      projectionStatus: "Stopped",
      position: "C:3/P:3",
      lastCheckpoint: "C:3/P:3",
      progress: 40,
      version: 1n,
    });
    expect((await client.listProjections()).map(({ name, status }) => [name, status])).toEqual([
      ["$by_category", "Stopped"],
      ["$by_correlation_id", "Running"],
      ["$by_event_type", "Running"],
      ["$stream_by_category", "Running"],
      ["$streams", "Aborted"],
    ]);
    for (const name of NAMES) await client.enableProjection(name);
    const listed = await client.listProjections();
    expect(listed.map(({ status, progress, version }) => [status, progress, version])).toEqual([
      ["Running", 100, 2n],
      ["Running", 100, 0n],
      ["Running", 100, 0n],
      ["Running", 100, 0n],
      ["Running", 100, 2n],
    ]);
  });

  it("who follows gets what was missed when it is enabled again, in order and once", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", opened());
    const early = follow(client.subscribeToStream("$ce-account", { resolveLinkTos: true }));
    await vi.waitFor(() => expect(early.caughtUp).toHaveLength(1));
    await client.disableProjection("$by_category");
    for (let number = 2; number < 5; number++) await client.appendToStream(`account-${number}`, opened());
    const late = follow(client.subscribeToStream("$ce-account", { resolveLinkTos: true }));
    const last = follow(client.subscribeToStream("$ce-account", { resolveLinkTos: true, fromRevision: "end" }));
    await vi.waitFor(() => expect([late.caughtUp.length, last.caughtUp.length]).toEqual([1, 1]));
    expect([early, late, last].map(({ entries }) => entries.map(({ event }) => event?.streamId))).toEqual([
      ["account-1"],
      ["account-1"],
      [],
    ]);
    await client.enableProjection("$by_category");
    await client.appendToStream("account-5", opened());
    await vi.waitFor(() => expect([early, late, last].map(({ entries }) => entries.length)).toEqual([5, 5, 4]));
    const all = ["account-1", "account-2", "account-3", "account-4", "account-5"];
    expect([early, late, last].map(({ entries }) => entries.map(({ event }) => event?.streamId))).toEqual([all, all, all.slice(1)]);
    expect([early, late, last].map(({ caughtUp, errors }) => [caughtUp.length, errors.length])).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
  });

  it("another server of the store knows at once, and so does one that starts later", async () => {
    const store = await open();
    const [one, other] = await Promise.all([serve(async () => store), serve(async () => store)]);
    const [client, beside] = [connectTo(one.url), connectTo(other.url)];
    await client.appendToStream("account-1", opened());
    const followed = follow(beside.subscribeToStream("$ce-account"));
    await vi.waitFor(() => expect(followed.caughtUp).toHaveLength(1));
    await Promise.all([client.disableProjection("$by_category"), beside.disableProjection("$by_category")]);
    await client.appendToStream("account-2", opened());
    const later = connectTo((await serve(async () => store)).url);
    for (const each of [client, beside, later]) {
      expect(await revisionsOf(each, "$ce-account")).toEqual([0n]);
      expect(await each.getProjectionStatus("$by_category")).toMatchObject({ status: "Stopped", version: 1n });
    }
    expect(followed.entries).toHaveLength(1);
    await later.enableProjection("$by_category");
    await vi.waitFor(() => expect(followed.entries).toHaveLength(2));
  });

  it("a reset begins an epoch, and changes nothing that its streams show", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", opened());
    await client.resetProjection("$by_category");
    expect(await client.getProjectionStatus("$by_category")).toMatchObject({ status: "Running", version: 1n, epoch: 1n });
    await client.disableProjection("$by_category");
    await client.appendToStream("account-2", opened());
    const stopped = await client.getProjectionStatus("$by_category");
    await client.resetProjection("$by_category");
    expect(await client.getProjectionStatus("$by_category")).toMatchObject({
      status: "Stopped",
      position: stopped.position,
      version: 3n,
      epoch: 3n,
    });
    expect(await revisionsOf(client, "$ce-account")).toEqual([0n]);
    await client.enableProjection("$by_category");
    expect((await revisionsOf(client, "$ce-account")).length).toBe(2);
    expect(await client.getProjectionStatus("$by_category")).toMatchObject({ status: "Running", version: 4n, epoch: 3n });
  });

  it("they have neither state nor result, and nothing to restart", async () => {
    const client = await connect(open);
    expect([
      await client.getProjectionState("$by_category"),
      await client.getProjectionState("$by_category", { partition: "account-1" }),
      await client.getProjectionResult("$streams"),
      await client.restartSubsystem(),
    ]).toEqual([{}, {}, {}, undefined]);
  });

  it("a projection that there is not is not found, whatever is asked of it", async () => {
    const client = await connect(open);
    const calls = [
      client.getProjectionStatus("mine"),
      client.getProjectionState("mine"),
      client.getProjectionResult("mine"),
      client.enableProjection("mine"),
      client.disableProjection("mine"),
      client.abortProjection("mine"),
      client.resetProjection("mine"),
      client.deleteProjection("mine"),
    ];
    for (const refusal of await Promise.all(calls.map(refusalOf))) {
      expect(refusal).toBeInstanceOf(NotFoundError);
      expect(refusal).toHaveProperty("message", expect.stringContaining("There is no projection mine."));
    }
  });

  it("projections in JavaScript are refused, and those of the system stay as they are", async () => {
    const client = await connect(open);
    const query = "fromAll().when({ $init: () => ({}) })";
    const refused: readonly (readonly [Promise<unknown>, string])[] = [
      [client.createProjection("mine", query), "runs no projections in JavaScript"],
      [client.createProjection("mine", query, { emitEnabled: true, engineVersion: "v2" }), "runs no projections in JavaScript"],
      [client.updateProjection("$by_category", "last\n-"), "runs no projections in JavaScript"],
      [client.deleteProjection("$by_category"), "Disable it."],
    ];
    for (const [call, reason] of refused) {
      const refusal = await refusalOf(call);
      expect(refusal).toBeInstanceOf(UnknownError);
      expect(refusal).toMatchObject({ code: UNIMPLEMENTED, message: expect.stringContaining(reason) as string });
    }
    expect((await client.listProjections()).map(({ name }) => name)).toEqual(NAMES);
  });
});
