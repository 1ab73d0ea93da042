import { convertToCommandError, KurrentDBClient } from "@kurrent/kurrentdb-client";
import shared from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js";
import streams from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js";
import type { StreamsClient } from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js";
import messages from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js";
import type { ReadReq, ReadResp } from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js";
import { compactFilter, type WireFilter } from "./wire-filter.ts";

/** An event as the server sends it. */
export type WireRecord = ReadResp.ReadEvent.RecordedEvent;

/** An event, or a link with the event that it leads to, if that is there. */
export interface WireEntry {
  readonly event: WireRecord | undefined;
  readonly link: WireRecord | undefined;
}

/** What is read. */
export interface WireRead {
  /** A stream, or the whole log. */
  readonly stream?: string;
  readonly isBackwards: boolean;
  /** A revision or a position; behind all of them where it is left out. Forwards it is inclusive, and backwards of a stream, too; of the log backwards it is exclusive. */
  readonly from: number | undefined;
  readonly count: number;
  readonly filter?: WireFilter;
  readonly resolvesLinks?: boolean;
}

/** How a read is done. */
export interface WireReadOptions {
  readonly timeoutMs: number;
  /** Takes an entry; returns whether that is enough. */
  readonly take: (entry: WireEntry) => boolean;
}

/**
 * Reads over the client's own connection, but below its interface: what that gives has times that are cut to seconds, and JSON that was parsed. Resolves with whether the
 * stream is there. Errors: the client's.
 */
export async function readEvents(client: KurrentDBClient, read: WireRead, { timeoutMs, take }: WireReadOptions): Promise<boolean> {
  const call = await Access.read(client, requestOf(read), timeoutMs);
  return new Promise((resolve, reject) => {
    let isFound = true;
    let isEnough = false;
    const enough = (end: () => void): void => {
      isEnough = true;
      end();
      call.cancel();
    };
    // It stays: a call that was cut short ends with an error that tells nothing.
    call.on("error", (error: Error) => reject(convertToCommandError(error)));
    call.on("end", () => resolve(isFound));
    call.on("data", (response: ReadResp) => {
      if (isEnough) return;
      if (response.hasStreamNotFound()) isFound = false;
      const entry = response.getEvent();
      try {
        if (entry !== undefined && take({ event: entry.getEvent(), link: entry.getLink() })) enough(() => resolve(isFound));
      } catch (error) {
        enough(() => reject(error instanceof Error ? error : new Error(String(error))));
      }
    });
  });
}

type ReadCall = ReturnType<StreamsClient["read"]>;

/** What the client keeps for those who derive from it. */
class Access extends KurrentDBClient {
  static read(client: Access, request: ReadReq, timeoutMs: number): Promise<ReadCall> {
    return client.GRPCStreamCreator(streams.StreamsClient, "read", (calls) =>
      calls.read(request, ...client.callArguments({ deadline: timeoutMs })),
    )();
  }
}

function requestOf({ stream, isBackwards, from, count, filter, resolvesLinks = false }: WireRead): ReadReq {
  const { Options } = messages.ReadReq;
  const options = new Options();
  if (stream === undefined) options.setAll(allFrom(from));
  else options.setStream(streamFrom(stream, from));
  options.setReadDirection(isBackwards ? Options.ReadDirection.BACKWARDS : Options.ReadDirection.FORWARDS);
  options.setResolveLinks(resolvesLinks);
  options.setCount(String(count));
  const uuids = new Options.UUIDOption();
  uuids.setString(new shared.Empty());
  options.setUuidOption(uuids);
  if (filter === undefined) options.setNoFilter(new shared.Empty());
  else options.setFilter(compactFilter(filter));
  const request = new messages.ReadReq();
  request.setOptions(options);
  return request;
}

function allFrom(from: number | undefined): ReadReq.Options.AllOptions {
  const all = new messages.ReadReq.Options.AllOptions();
  if (from === undefined) return all.setEnd(new shared.Empty());
  if (from === 0) return all.setStart(new shared.Empty());
  const place = new messages.ReadReq.Options.Position();
  place.setCommitPosition(String(from));
  place.setPreparePosition(String(from));
  return all.setPosition(place);
}

function streamFrom(stream: string, from: number | undefined): ReadReq.Options.StreamOptions {
  const options = new messages.ReadReq.Options.StreamOptions();
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  options.setStreamIdentifier(identifier);
  if (from === undefined) return options.setEnd(new shared.Empty());
  return from === 0 ? options.setStart(new shared.Empty()) : options.setRevision(String(from));
}
