import { credentials, status, type ServiceError } from "@grpc/grpc-js";
import shared from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js";
import wireStatus from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js";
import streams from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js";
import errors from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/errors_pb.js";
import services from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_grpc_pb.js";
import streamsV2 from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js";
import { describe, expect, it, onTestFinished } from "vitest";
import { answersTo, appendEvent, appendOptions, piece, plainAppend } from "./raw-appends.ts";
import { filtered, outcomeOf, readAll, readStream, type RawClient } from "./raw-client.ts";
import { serve } from "./serve.ts";

const LONG = 100_000;
/** What many clients take of headers at most. */
const MAX_HEADERS = 8_192;

function deleted(client: RawClient, stream: string): Promise<ServiceError | null> {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream).toString("base64"));
  const options = new streams.DeleteReq.Options();
  options.setStreamIdentifier(identifier);
  options.setAny(new shared.Empty());
  const request = new streams.DeleteReq();
  request.setOptions(options);
  return new Promise((resolve) => client.delete(request, (error) => resolve(error)));
}

function headersOf({ details, metadata }: ServiceError): number {
  const trailers = Object.entries(metadata.toHttp2Headers()).map(([key, value]) => key + String(value));
  return encodeURI(details).length + trailers.join("").length;
}

/** A request to append to one stream if others are as they are said to be. */
function checkedAppend(checks: readonly string[]): InstanceType<typeof streamsV2.AppendRecordsRequest> {
  const schema = new streamsV2.SchemaInfo();
  schema.setName("AmountDeposited");
  schema.setFormat(streamsV2.SchemaFormat.SCHEMA_FORMAT_JSON);
  const record = new streamsV2.AppendRecord();
  record.setStream("a");
  record.setSchema(schema);
  const request = new streamsV2.AppendRecordsRequest();
  request.setRecordsList([record]);
  request.setChecksList(
    checks.map((stream) => {
      const state = new streamsV2.ConsistencyCheck.StreamStateCheck();
      state.setStream(stream);
      state.setExpectedState("5");
      const check = new streamsV2.ConsistencyCheck();
      check.setStreamState(state);
      return check;
    }),
  );
  return request;
}

describe("a refusal that would repeat too much of what was sent is cut, and the connection goes on", () => {
  it("where the name of a stream is long", async () => {
    const { client } = await serve();
    for (const name of ["$$" + "x".repeat(LONG), "$$" + "ä".repeat(LONG), "$$" + "🦆".repeat(LONG)]) {
      const error = await deleted(client, name);
      expect(error).toMatchObject({
        code: status.PERMISSION_DENIED,
        details: expect.stringMatching(/^Stream \$\$.*say nothing more\.$/su),
      });
      expect(headersOf(error as ServiceError)).toBeLessThan(MAX_HEADERS);
    }
    expect(await plainAppend(client, [appendOptions("$ce-" + "x".repeat(LONG)), appendEvent()])).toBe("7 access-denied");
    expect(await plainAppend(client, [appendOptions("a"), appendEvent()])).toBe("at 0");
    expect((await outcomeOf(client.read(readStream("a")))).messages).toHaveLength(1);
  });

  it("where the type of an event is long, or a filter is", async () => {
    const { client } = await serve();
    const type = "t".repeat(LONG);
    expect(await plainAppend(client, [appendOptions("a"), appendEvent({ type, id: null })])).toBe("3");
    expect(await answersTo(client, [piece({ stream: "a", events: [{ type, id: null }] })])).toEqual(["a refused: BadRequest"]);
    const { error } = await outcomeOf(client.read(readAll(filtered("type", { regex: `(${type}` }))));
    expect(error?.code).toBe(status.INVALID_ARGUMENT);
    expect(await plainAppend(client, [appendOptions("a"), appendEvent()])).toBe("at 0");
  });

  it("where thousands of checks do not hold: those that fit are told", async () => {
    const { server } = await serve();
    const client = new services.StreamsServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
    onTestFinished(() => client.close());
    const names = Array.from({ length: 5_000 }, (_, index) => `stream-${index}`);
    const error = await new Promise<ServiceError | null>((resolve) => {
      client.appendRecords(checkedAppend(names), (failed) => resolve(failed));
    });
    expect(error?.code).toBe(status.FAILED_PRECONDITION);
    expect(headersOf(error as ServiceError)).toBeLessThan(MAX_HEADERS);
    const [bytes] = error?.metadata.get("grpc-status-details-bin") ?? [];
    const details = wireStatus.Status.deserializeBinary(bytes as Buffer).getDetails();
    const told = errors.AppendConsistencyViolationErrorDetails.deserializeBinary(details?.getValue_asU8() ?? new Uint8Array()).toObject();
    expect(told.violationsList.length).toBeGreaterThan(50);
    expect(told.violationsList.map(({ checkIndex }) => checkIndex)).toEqual(told.violationsList.map((_, index) => index));
  });
});
