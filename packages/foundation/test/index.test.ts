import * as core from "@reactive-domain/core";
import * as foundation from "@reactive-domain/foundation";
import * as messaging from "@reactive-domain/messaging";
import * as persistence from "@reactive-domain/persistence";
import { describe, expect, it } from "vitest";

interface ErrorClass {
  readonly code?: unknown;
}

const errorClasses = errorClassesOf(foundation);

function errorClassesOf(exported: object): readonly (readonly [name: string, errorClass: ErrorClass])[] {
  return Object.entries(exported).filter((entry): entry is [string, ErrorClass] => isErrorClass(entry[1]));
}

function isErrorClass(value: unknown): value is ErrorClass {
  return typeof value === "function" && value.prototype instanceof foundation.ReactiveDomainError;
}

describe("the errors that an application imports", () => {
  it.each(errorClasses)("%s has a code of its own, in words joined by dashes", (_, errorClass) => {
    expect(Object.hasOwn(errorClass, "code")).toBe(true);
    expect(errorClass.code).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it("are those of every package below, with which they come", () => {
    const below = [core, messaging, persistence].flatMap(errorClassesOf);
    expect(errorClasses).toEqual(expect.arrayContaining([...below]));
  });

  it("have codes that are unique", () => {
    const codes = errorClasses.map(([, { code }]) => code);
    expect(codes.length).toBeGreaterThan(25);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it("have codes that say their names", () => {
    const named = errorClasses.map(([name]) => name.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase());
    expect(errorClasses.map(([, { code }]) => code)).toEqual(named);
  });
});

describe("the event store port", () => {
  it("is named by an application without another import", async () => {
    const definition: foundation.GroupDefinition = { source: { all: true } };
    const metadata: foundation.StreamMetadata = { maxCount: 10 };
    const items: readonly foundation.WriteItem[] = [{ kind: "metadata", stream: "account-1", metadata }];
    await using store: foundation.EventStore = foundation.createInMemoryStore();
    const result: foundation.WriteResult = await store.write(items);
    await store.groups.create("mails", definition);
    const deliveries: readonly foundation.Delivery[] = await store.groups.claim("mails", { consumer: "worker-1" });
    const lease: foundation.Lease | undefined = await store.leases.acquire("balances", { owner: "worker-1", durationMs: 1_000 });
    const snapshot: foundation.Snapshot | undefined = await store.snapshot("account-1");
    const { state }: foundation.StreamInfo = await store.streamInfo("account-1");
    expect([result.position, deliveries, lease?.fence, snapshot, state]).toEqual([null, [], foundation.fence(1), undefined, "missing"]);
  });
});
