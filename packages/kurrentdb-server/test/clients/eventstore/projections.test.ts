import { NotFoundError, UnknownError, jsonEvent, type EventStoreDBClient } from "@eventstore/db-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it, vi } from "vitest";
import { collect } from "../collect.ts";
import { follow } from "../follow.ts";
import { refusalOf } from "../refusal-of.ts";
import { connect } from "./connect.ts";

const opened = () => jsonEvent({ type: "opened", data: {}, metadata: { $correlationId: "chain" } });

async function entriesOf(client: EventStoreDBClient, view: string): Promise<string[]> {
  const entries = await collect(client.readStream(view, { resolveLinkTos: true }));
  return entries.map(({ event, link }) => `${event?.revision}@${event?.streamId} by ${link?.streamId}`);
}

describe.each(everyStore)("on $name", ({ open }) => {
  it("the streams that projections make lead to the events that belong to them", async () => {
    const client = await connect(open);
    for (const stream of ["account-1", "account-1", "savings-1"]) await client.appendToStream(stream, opened());
    expect(await entriesOf(client, "$streams")).toEqual(["0@account-1 by $streams", "0@savings-1 by $streams"]);
    expect(await entriesOf(client, "$bc-chain")).toEqual([
      "0@account-1 by $bc-chain",
      "1@account-1 by $bc-chain",
      "0@savings-1 by $bc-chain",
    ]);
    const named = await collect(client.readStream("$category-account"));
    expect(named.map(({ event }) => [event?.type, Buffer.from(event?.data as Uint8Array).toString("utf8")])).toEqual([["$@", "account-1"]]);
  });

  it("a projection stops, tells so, and goes on with what was missed", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", opened());
    const followed = follow(client.subscribeToStream("$ce-account", { resolveLinkTos: true }));
    await vi.waitFor(() => expect(followed.entries).toHaveLength(1));
    await client.disableProjection("$by_category");
    await client.appendToStream("account-2", opened());
    expect(await client.getProjectionStatus("$by_category")).toMatchObject({
      projectionStatus: "Stopped",
      version: 1n,
      position: "C:1/P:1",
    });
    expect(await entriesOf(client, "$ce-account")).toEqual(["0@account-1 by $ce-account"]);
    await client.resetProjection("$by_category");
    await client.enableProjection("$by_category");
    await vi.waitFor(() => expect(followed.entries.map(({ event }) => event?.streamId)).toEqual(["account-1", "account-2"]));
    await client.abortProjection("$streams");
    const listed = await client.listProjections();
    expect(listed.map(({ name, status }) => `${name} ${status}`)).toEqual([
      "$by_category Running",
      "$by_correlation_id Running",
      "$by_event_type Running",
      "$stream_by_category Running",
      "$streams Aborted",
    ]);
  });

  it("they have neither state nor result, and nothing to restart", async () => {
    const client = await connect(open);
    const answers = [
      await client.getProjectionState("$streams"),
      await client.getProjectionResult("$streams"),
      await client.restartSubsystem(),
    ];
    expect(answers).toEqual([{}, {}, undefined]);
  });

  it("projections in JavaScript are refused, and what there is not is not found", async () => {
    const client = await connect(open);
    for (const call of [
      client.createProjection("mine", "fromAll()"),
      client.updateProjection("mine", "fromAll()"),
      client.deleteProjection("$streams"),
    ]) {
      const refusal = await refusalOf(call);
      expect(refusal).toBeInstanceOf(UnknownError);
      expect(refusal).toHaveProperty("code", 12);
    }
    for (const call of [client.getProjectionStatus("mine"), client.enableProjection("mine"), client.deleteProjection("mine")])
      expect(await refusalOf(call)).toBeInstanceOf(NotFoundError);
  });
});
