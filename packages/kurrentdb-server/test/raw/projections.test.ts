import { credentials, type ServiceError } from "@grpc/grpc-js";
import services from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/projectionmanagement_grpc_pb.js";
import projections from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/projectionmanagement_pb.js";
import shared from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js";
import { startServer } from "@reactive-domain/kurrentdb-server";
import { newEvent } from "@reactive-domain/store-tests";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { inWords, outcomeOf, rawClient, readStream, resolvingLinks } from "./raw-client.ts";
import { serve } from "./serve.ts";

type Client = InstanceType<typeof services.ProjectionsClient>;

function projectionsClient({ host, port }: { readonly host: string; readonly port: number }): Client {
  const client = new services.ProjectionsClient(`${host}:${port}`, credentials.createInsecure());
  onTestFinished(() => client.close());
  return client;
}

/** The names of the projections that a request asks for, or what it is refused with. */
function namesOf(client: Client, request: InstanceType<typeof projections.StatisticsReq>): Promise<unknown> {
  return new Promise((resolve) => {
    const names: (string | undefined)[] = [];
    const call = client.statistics(request);
    call.on("data", (response: InstanceType<typeof projections.StatisticsResp>) => names.push(response.getDetails()?.getName()));
    call.on("error", ({ details }: ServiceError) => resolve(details));
    call.on("end", () => resolve(names.length));
  });
}

function asking(
  change: (options: InstanceType<typeof projections.StatisticsReq.Options>) => void,
): InstanceType<typeof projections.StatisticsReq> {
  const options = new projections.StatisticsReq.Options();
  change(options);
  const request = new projections.StatisticsReq();
  request.setOptions(options);
  return request;
}

describe("the projections service", () => {
  it("tells of those that run as is asked", async () => {
    const client = projectionsClient((await serve()).server);
    const empty = new shared.Empty();
    expect({
      all: await namesOf(
        client,
        asking((options) => options.setAll(empty)),
      ),
      continuous: await namesOf(
        client,
        asking((options) => options.setContinuous(empty)),
      ),
      transient: await namesOf(
        client,
        asking((options) => options.setTransient(empty)),
      ),
      oneTime: await namesOf(
        client,
        asking((options) => options.setOneTime(empty)),
      ),
      named: await namesOf(
        client,
        asking((options) => options.setName("$streams")),
      ),
      unnamed: await namesOf(
        client,
        asking((options) => options.setName("")),
      ),
      nothing: await namesOf(
        client,
        asking(() => undefined),
      ),
    }).toEqual({ all: 5, continuous: 5, transient: 0, oneTime: 0, named: 1, unnamed: 5, nothing: 5 });
  });

  it("refuses requests that say too little", async () => {
    const client = projectionsClient((await serve()).server);
    const details = (call: (callback: (error: ServiceError | null) => void) => unknown) =>
      new Promise((resolve) => {
        call((error) => resolve(error?.details));
      });
    expect(await namesOf(client, new projections.StatisticsReq())).toMatch(/^The request does not say of which projections/);
    for (const told of [
      await details((callback) => client.enable(new projections.EnableReq(), callback)),
      await details((callback) => client.disable(new projections.DisableReq(), callback)),
      await details((callback) => client.reset(new projections.ResetReq(), callback)),
      await details((callback) => client.state(new projections.StateReq(), callback)),
      await details((callback) => client.result(new projections.ResultReq(), callback)),
      await details((callback) => client.delete(new projections.DeleteReq(), callback)),
    ])
      expect(told).toBe("The request names no projection.");
  });
});

describe("a projection that was disabled", () => {
  it("is so when its store is opened again", async () => {
    const file = join(temporaryDirectory(), "store.db");
    const request = new projections.DisableReq();
    const options = new projections.DisableReq.Options();
    options.setName("$by_category");
    options.setWriteCheckpoint(true);
    request.setOptions(options);
    {
      await using store = await openSqliteStore(file);
      await using server = await startServer(store, { port: 0, insecure: true });
      await store.append("a-1", [newEvent()], { expectedVersion: "noStream" });
      const disabled = new Promise((resolve) => {
        projectionsClient(server).disable(request, (error) => resolve(error));
      });
      expect(await disabled).toBeNull();
    }
    await using store = await openSqliteStore(file);
    await using server = await startServer(store, { port: 0, insecure: true });
    await store.append("a-2", [newEvent()], { expectedVersion: "noStream" });
    const { messages } = await outcomeOf(rawClient(server).read(readStream("$ce-a", resolvingLinks)));
    expect(messages.map(inWords)).toEqual(["link 0@a-1 -> 0@a-1"]);
  });
});
