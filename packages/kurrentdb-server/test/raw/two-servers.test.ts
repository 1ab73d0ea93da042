import type { ServiceError } from "@grpc/grpc-js";
import shared from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js";
import streams from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js";
import type { EventStore } from "@reactive-domain/persistence";
import { newEvent } from "@reactive-domain/store-tests";
import { describe, expect, it } from "vitest";
import { appendEvent, appendOptions, plainAppend } from "./raw-appends.ts";
import type { RawClient } from "./raw-client.ts";
import { serve } from "./serve.ts";

function options<O extends InstanceType<typeof streams.DeleteReq.Options> | InstanceType<typeof streams.TombstoneReq.Options>>(made: O): O {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from("a").toString("base64"));
  made.setStreamIdentifier(identifier);
  made.setAny(new shared.Empty());
  return made;
}

const outcome = (error: ServiceError | null): unknown => error?.metadata.get("exception")[0] ?? error ?? "done";

function deleteA(client: RawClient): Promise<unknown> {
  const request = new streams.DeleteReq();
  request.setOptions(options(new streams.DeleteReq.Options()));
  return new Promise((resolve) => {
    client.delete(request, (error) => resolve(outcome(error)));
  });
}

function tombstoneA(client: RawClient): Promise<unknown> {
  const request = new streams.TombstoneReq();
  request.setOptions(options(new streams.TombstoneReq.Options()));
  return new Promise((resolve) => {
    client.tombstone(request, (error) => resolve(outcome(error)));
  });
}

/** A client of one of two servers of a store: when its server has looked at stream a, something is done by way of the other. */
async function servedBeside(
  act: (other: RawClient) => Promise<unknown>,
): Promise<{ readonly store: EventStore; readonly client: RawClient }> {
  const { store, client: other } = await serve();
  await store.append("a", [newEvent()], { expectedVersion: "noStream" });
  let acted: Promise<unknown> | undefined;
  const looked: EventStore["streamInfo"] = async (name, ...rest) => {
    const info = await store.streamInfo(name, ...rest);
    if (name === "a") await (acted ??= act(other));
    return info;
  };
  const beside = new Proxy(store, {
    get: (target, key) => {
      const value: unknown = key === "streamInfo" ? looked : Reflect.get(target, key);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  return { store, client: (await serve({}, beside)).client };
}

describe("two servers of one store", () => {
  it("keep what one is told of a stream while the other deletes it", async () => {
    const { store, client } = await servedBeside((other) =>
      plainAppend(other, [appendOptions("$$a"), appendEvent({ type: "$metadata", data: '{"owner":"ada"}' })]),
    );
    expect(await deleteA(client)).toBe("done");
    expect(await store.streamInfo("a")).toMatchObject({ state: "deleted", metadata: { custom: { owner: "ada" } } });
  });

  it("delete a stream for ever once", async () => {
    const { store, client } = await servedBeside(tombstoneA);
    expect(await tombstoneA(client)).toBe("stream-deleted");
    const types: string[] = [];
    for await (const { type } of store.read({ stream: "$$a" })) types.push(type);
    expect(types).toEqual(["$streamDeleted"]);
    expect((await store.streamInfo("$$a")).lastVersion).toBe(0);
  });

  it("do not delete a stream that the other has deleted for ever", async () => {
    const { client } = await servedBeside(tombstoneA);
    expect(await deleteA(client)).toBe("stream-deleted");
  });
});
