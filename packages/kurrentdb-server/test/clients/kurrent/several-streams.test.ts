import {
  AppendConsistencyViolationError,
  AppendRecordSizeExceededError,
  StreamTombstonedError,
  TransactionMaxSizeExceededError,
  WrongExpectedVersionError,
  binaryEvent,
  jsonEvent,
  type AppendStreamState,
  type ConsistencyCheck,
} from "@kurrent/kurrentdb-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { collect } from "../collect.ts";
import { refusalOf } from "../refusal-of.ts";
import { connect, numbered, numbersOf } from "./connect.ts";

const record = (streamName: string, number = 0) => ({ streamName, record: jsonEvent({ type: "counted", data: { number } }) });
const check = (streamName: string, expectedState: AppendStreamState): ConsistencyCheck => ({
  type: "stream_state",
  streamName,
  expectedState,
});
const METADATA = { by: "Zoë", at: "10:00" };

describe.each(everyStore)("on $name", ({ open }) => {
  describe("an append to several streams", () => {
    it("writes to all of them, and tells each one's last revision", async () => {
      const client = await connect(open);
      await client.appendToStream("account-2", numbered(2));
      const answer = await client.multiStreamAppend([
        { streamName: "account-1", expectedState: "no_stream", events: numbered(3) },
        { streamName: "account-2", expectedState: 1n, events: numbered(1) },
        {
          streamName: "account-3",
          expectedState: "any",
          events: [binaryEvent({ type: "scanned", data: Uint8Array.of(0, 255), metadata: METADATA })],
        },
      ]);
      expect(answer.responses).toEqual([
        { streamName: "account-1", revision: 2n },
        { streamName: "account-2", revision: 2n },
        { streamName: "account-3", revision: 0n },
      ]);
      const all = await collect(client.readAll({ direction: "backwards", fromPosition: "end", maxCount: 1 }));
      expect(answer.position).toBe(all[0]?.event?.position.commit);
      const [scanned] = await collect(client.readStream("account-3"));
      expect(scanned?.event).toMatchObject({ type: "scanned", isJson: false, metadata: METADATA });
      expect(Array.from(scanned?.event?.data as Uint8Array)).toEqual([0, 255]);
    });

    it("keeps ids, data, and the properties beside what names the schema", async () => {
      const client = await connect(open);
      const id = "ffffffff-ffff-4fff-bfff-ffffffffffff";
      await client.multiStreamAppend([
        {
          streamName: "account-1",
          expectedState: "any",
          events: [jsonEvent({ id, type: "opened", data: { owner: "Ann" }, metadata: METADATA })],
        },
      ]);
      const [entry] = await collect(client.readStream("account-1"));
      expect(entry?.event).toMatchObject({ id, type: "opened", isJson: true, data: { owner: "Ann" }, metadata: { ...METADATA } });
      expect(entry?.event?.metadata).toMatchObject({ "$schema.format": "Json", "$schema.name": "opened" });
    });

    it("is refused where one stream is not as expected, and none is written", async () => {
      const client = await connect(open);
      await client.appendToStream("account-2", numbered(2));
      for (const expectedState of ["no_stream", 0n, 5n] as const) {
        const refusal = await refusalOf(
          client.multiStreamAppend([
            { streamName: "account-1", expectedState: "any", events: numbered(1) },
            { streamName: "account-2", expectedState, events: numbered(1) },
          ]),
        );
        expect(refusal).toBeInstanceOf(WrongExpectedVersionError);
        expect(refusal).toMatchObject({
          type: "wrong-expected-version",
          streamName: "account-2",
          expectedState: expectedState,
          actualState: 1n,
        });
      }
      const missing = await refusalOf(
        client.multiStreamAppend([{ streamName: "account-1", expectedState: "stream_exists", events: numbered(1) }]),
      );
      expect(missing).toMatchObject({ streamName: "account-1", expectedState: "stream_exists", actualState: "no_stream" });
      expect(await collect(client.readAll())).toHaveLength(2);
    });

    it("to a tombstoned stream is refused, and none is written", async () => {
      const client = await connect(open);
      await client.appendToStream("account-2", numbered(1));
      await client.tombstoneStream("account-2");
      const refusal = await refusalOf(
        client.multiStreamAppend([
          { streamName: "account-1", expectedState: "any", events: numbered(1) },
          { streamName: "account-2", expectedState: "any", events: numbered(1) },
        ]),
      );
      expect(refusal).toBeInstanceOf(StreamTombstonedError);
      expect(refusal).toMatchObject({ type: "stream-tombstoned", stream: "account-2" });
      await expect(collect(client.readStream("account-1"))).rejects.toThrow(expect.objectContaining({ type: "stream-not-found" }));
    });

    it("of more bytes than the server takes is refused with the limit", async () => {
      const client = await connect(open, { maxAppendBytes: 10_000 });
      const events = Array.from({ length: 4 }, () => jsonEvent({ type: "large", data: { text: "x".repeat(4000) } }));
      const refusal = await refusalOf(client.multiStreamAppend([{ streamName: "account-1", expectedState: "any", events }]));
      expect(refusal).toBeInstanceOf(TransactionMaxSizeExceededError);
      expect(refusal).toMatchObject({ type: "transaction-max-size-exceeded", maxSize: 10_000 });
    });
  });

  describe("an append of records", () => {
    it("tells one revision for each stream, and keeps the order within each", async () => {
      const client = await connect(open);
      const answer = await client.appendRecords([
        record("account-1", 1),
        record("account-2", 2),
        record("account-1", 3),
        record("account-2", 4),
        record("account-1", 5),
      ]);
      expect(answer.responses.toSorted((a, b) => a.streamName.localeCompare(b.streamName))).toEqual([
        { streamName: "account-1", revision: 2n },
        { streamName: "account-2", revision: 1n },
      ]);
      const read = [await collect(client.readStream("account-1")), await collect(client.readStream("account-2"))];
      expect(read.map(numbersOf)).toEqual([
        [1, 3, 5],
        [2, 4],
      ]);
      const last = await collect(client.readAll({ direction: "backwards", fromPosition: "end", maxCount: 1 }));
      expect(answer.position).toBe(last[0]?.event?.position.commit);
    });

    it("keeps the properties beside what names the schema", async () => {
      const client = await connect(open);
      await client.appendRecords([{ streamName: "account-1", record: jsonEvent({ type: "opened", data: {}, metadata: METADATA }) }]);
      const [entry] = await collect(client.readStream("account-1"));
      expect(entry?.event?.metadata).toMatchObject({ ...METADATA, "$schema.format": "Json", "$schema.name": "opened" });
    });

    it("is done where written and other streams are as checked", async () => {
      const client = await connect(open);
      await client.appendRecords([record("is-1"), record("is-1"), record("deleted-1"), record("deleted-2"), record("gone-1")]);
      await client.deleteStream("deleted-1");
      await client.deleteStream("deleted-2");
      await client.tombstoneStream("gone-1");
      const checks = [
        check("is-1", 1n),
        check("is-1", "stream_exists"),
        check("never-1", "no_stream"),
        check("deleted-1", "no_stream"),
        check("gone-1", "no_stream"),
      ];
      for (const [index, one] of checks.entries())
        expect((await client.appendRecords([record(`new-${index}`)], [one])).responses).toEqual([
          { streamName: `new-${index}`, revision: 0n },
        ]);
      expect((await client.appendRecords([record("deleted-2")], [check("deleted-2", "no_stream")])).responses).toEqual([
        { streamName: "deleted-2", revision: 1n },
      ]);
      expect((await client.appendRecords([record("is-1")], [check("is-1", 1n)])).responses).toEqual([{ streamName: "is-1", revision: 2n }]);
    });

    it("is refused with all checks that fail, and nothing is written", async () => {
      const client = await connect(open);
      await client.appendRecords([record("is-1"), record("is-1"), record("deleted-1"), record("gone-1")]);
      await client.deleteStream("deleted-1");
      await client.tombstoneStream("gone-1");
      const refusal = await refusalOf(
        client.appendRecords(
          [record("new-1"), record("is-1")],
          [
            check("is-1", 0n),
            check("never-1", "stream_exists"),
            check("never-1", 3n),
            check("is-1", "stream_exists"),
            check("deleted-1", "stream_exists"),
            check("gone-1", "stream_exists"),
          ],
        ),
      );
      expect(refusal).toBeInstanceOf(AppendConsistencyViolationError);
      expect(refusal).toMatchObject({
        type: "append-consistency-violation",
        violations: [
          { checkIndex: 0, streamName: "is-1", expectedState: 0n, actualState: 1n },
          { checkIndex: 1, streamName: "never-1", expectedState: "stream_exists", actualState: "no_stream" },
          { checkIndex: 2, streamName: "never-1", expectedState: 3n, actualState: "no_stream" },
          { checkIndex: 4, streamName: "deleted-1", expectedState: "stream_exists", actualState: -5n },
          { checkIndex: 5, streamName: "gone-1", expectedState: "stream_exists", actualState: -6n },
        ],
      });
      await expect(collect(client.readStream("new-1"))).rejects.toThrow(expect.objectContaining({ type: "stream-not-found" }));
      expect(await collect(client.readStream("is-1"))).toHaveLength(2);
    });

    it.each([
      { had: 2, expectedState: "no_stream" as const, actualState: 1n },
      { had: 2, expectedState: 7n, actualState: 1n },
      { had: 0, expectedState: 7n, actualState: "no_stream" as const },
      { had: 0, expectedState: "stream_exists" as const, actualState: "no_stream" as const },
    ])("to a stream of $had events that is checked for $expectedState is refused", async ({ had, expectedState, actualState }) => {
      const client = await connect(open);
      for (const event of numbered(had)) await client.appendToStream("account-1", event);
      const refusal = await refusalOf(client.appendRecords([record("account-1")], [check("account-1", expectedState)]));
      expect(refusal).toBeInstanceOf(AppendConsistencyViolationError);
      expect(refusal).toMatchObject({ violations: [{ checkIndex: 0, streamName: "account-1", expectedState, actualState }] });
    });

    it("to a tombstoned stream is refused", async () => {
      const client = await connect(open);
      await client.tombstoneStream("account-1");
      const refusal = await refusalOf(client.appendRecords([record("account-1")]));
      expect(refusal).toBeInstanceOf(StreamTombstonedError);
      expect(refusal).toMatchObject({ stream: "account-1" });
    });

    it("of more bytes than the server takes is refused with the limit, be it one record or all of them", async () => {
      const client = await connect(open, { maxAppendBytes: 10_000 });
      const large = (length: number) => ({
        streamName: "account-1",
        record: jsonEvent({ type: "large", data: { text: "x".repeat(length) } }),
      });
      const all = await refusalOf(client.appendRecords([large(6000), large(6000)]));
      expect(all).toBeInstanceOf(TransactionMaxSizeExceededError);
      expect(all).toMatchObject({ maxSize: 10_000 });
      const one = await refusalOf(client.appendRecords([large(20_000)]));
      expect([AppendRecordSizeExceededError, TransactionMaxSizeExceededError].some((type) => one instanceof type)).toBe(true);
      expect(one).toMatchObject({ maxSize: 10_000 });
    });

    it("that is repeated writes nothing", async () => {
      const client = await connect(open);
      const records = [record("account-1", 1), record("account-2", 2)];
      const first = await client.appendRecords(records);
      const again = await client.appendRecords(records);
      expect(again.responses).toEqual(first.responses);
      expect(await collect(client.readAll())).toHaveLength(2);
    });
  });
});
