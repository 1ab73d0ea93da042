import { status } from "@grpc/grpc-js";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { newEvent } from "@reactive-domain/store-tests";
import { describe, expect, it } from "vitest";
import { filtered, inWords, outcomeOf, readAll, subscription } from "./raw-client.ts";
import { serve } from "./serve.ts";

/** Takes twice as long for each further `a`. */
const CATASTROPHE = "^(a+)+$";
const NAME = `${"a".repeat(60)}!`;

describe("a filter's expression that takes too long", () => {
  it("is given up once for all that send it, and others are let through", async () => {
    const store = createInMemoryStore();
    await store.append(NAME, [newEvent()], { expectedVersion: "any" });
    const { client } = await serve({}, store);
    const requests = Array.from({ length: 30 }, () => readAll(filtered("stream", { regex: CATASTROPHE }), subscription));
    const outcomes = await Promise.all(requests.map((request) => outcomeOf(client.read(request))));
    expect(outcomes.map(({ error }) => error?.code)).toEqual(requests.map(() => status.INVALID_ARGUMENT));
    expect(outcomes.filter(({ error }) => error?.details.includes("took longer than"))).toHaveLength(1);
    const { messages } = await outcomeOf(client.read(readAll(filtered("stream", { regex: "^a+!$" }))));
    expect(messages.map(inWords)).toEqual([`0@${NAME}`]);
  });
});
