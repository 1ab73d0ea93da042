import {
  createHealth,
  healthHandler,
  InvalidArgument,
  ReactiveDomainError,
  StoreUnavailable,
  type Health,
} from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account, openBank, refusalOf } from "../banking.ts";
import { openWith } from "../listeners/noted.ts";
import { watchProcess } from "../process-notices.ts";
import { Totals } from "../read-models/totals.ts";
import { serving, type Answer } from "./http-of.ts";
import { parsePrometheus } from "./parse-prometheus.ts";
import { reported } from "./reported.ts";

const warnings = watchProcess();
const JSON_TYPE = "application/json; charset=utf-8";

/** A failure whose message nobody outside is to read. */
class Wrapped extends ReactiveDomainError {
  static readonly code = "wrapped";
  constructor(cause: Error) {
    super(Wrapped.code, `It broke: ${cause.message}`, { cause, details: { card: "4711" } });
  }
}

const shown = ({ code, body }: Answer): unknown => ({ code, body: JSON.parse(body) as unknown });

describe("GET /health", () => {
  it("tells of all workers in JSON", async () => {
    const { bank } = await openWith(3);
    await using totals = new Totals();
    await totals.start(bank.category(Account));
    await totals.live;
    const ask = await serving(healthHandler(createHealth([totals, reported({ parked: 2 })])));
    const answer = await ask("/health?verbose=1");
    expect(answer.headers).toMatchObject({ "content-type": JSON_TYPE, "cache-control": "no-store" });
    const common = { status: "live", lag: { events: 0, ms: 0 }, isStalled: false, isReady: true, error: null, failing: 0 };
    expect(shown(answer)).toEqual({
      code: 200,
      body: {
        status: "degraded",
        alarms: [],
        workers: [
          {
            kind: "read-model",
            name: "Totals",
            feed: "category Account of banking",
            position: 2,
            parked: 0,
            interruptions: 0,
            progressAgeMs: expect.any(Number) as unknown,
            ...common,
          },
          { kind: "projection", name: "balances", feed: null, position: 7, parked: 2, interruptions: null, progressAgeMs: 5, ...common },
        ],
      },
    });
  });

  it("is 503 where something fails, and tells no text that a handler has thrown", async () => {
    const { bank } = await openWith(1);
    await using totals = new Totals(() => {
      throw new Error("Ann has no card 4711.");
    });
    await totals.start(bank.category(Account), { onFault: () => undefined });
    await expect(totals.live).rejects.toThrow("4711");
    const others = [new TypeError("no card 4711"), new Wrapped(new RangeError("no card 4711"))];
    const workers = others.map((error, index) => reported({ name: `worker ${index}`, status: "stopped", error }));
    const ask = await serving(healthHandler(createHealth([totals, ...workers])));
    const { code, body } = await ask("/health");
    expect(code).toBe(503);
    expect(body).not.toContain("4711");
    expect(body).not.toContain("health.test");
    expect(JSON.parse(body)).toMatchObject({
      status: "failing",
      workers: [
        {
          error: {
            code: "feed-faulted",
            message:
              "Totals stopped taking category Account of banking at position 0 (AmountDeposited, version 0 of banking.account-a-1): Error",
          },
        },
        { error: { code: "TypeError", message: "" } },
        { error: { code: "wrapped", message: "It broke: RangeError" } },
      ],
    });
  });

  it("tells of an error what its owner wants told", async () => {
    const error = new StoreUnavailable("The store", "restarts", { retryable: true });
    const health = createHealth([reported({ status: "interrupted", error })]);
    const ask = await serving(healthHandler(health, { showError: ({ name }) => ({ code: name, message: "Ask Ann." }) }));
    expect(JSON.parse((await ask("/health")).body)).toMatchObject({
      workers: [{ error: { code: "StoreUnavailable", message: "Ask Ann." } }],
    });
  });
});

describe("the probes", () => {
  it("live is 503 while one has stopped or stands still, and not while a store is away", async () => {
    const worker = reported({ status: "interrupted", lag: null });
    const ask = await serving(healthHandler(createHealth([worker])));
    expect(shown(await ask("/health/live"))).toEqual({ code: 200, body: { status: "ok", because: [] } });
    expect(await ask("/health")).toMatchObject({ code: 503 });
    worker.set({ status: "stopped" });
    expect(shown(await ask("/health/live"))).toEqual({ code: 503, body: { status: "failing", because: ["projection balances"] } });
  });

  it("ready is 503 until the history is handled", async () => {
    const worker = reported({ status: "catching-up" });
    const ask = await serving(healthHandler(createHealth([worker])));
    expect(shown(await ask("/health/ready"))).toEqual({ code: 503, body: { status: "failing", because: ["projection balances"] } });
    worker.set({ status: "live" });
    expect(shown(await ask("/health/ready"))).toEqual({ code: 200, body: { status: "ok", because: [] } });
  });
});

describe("GET /metrics", () => {
  it("is the text format of Prometheus", async () => {
    const { bank } = await openWith(3);
    await using totals = new Totals();
    await totals.start(bank.category(Account));
    await totals.live;
    const late = reported({ kind: "group", name: "mailer", status: "paused", position: null, lag: { events: 12, ms: 3_456 }, failing: 4 });
    const ask = await serving(healthHandler(createHealth([totals, late, reported({ lag: null })])));
    const { code, headers, body } = await ask("/metrics");
    expect(code).toBe(200);
    expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    const families = parsePrometheus(body);
    const valuesOf = (metric: string): unknown =>
      families.get(`reactive_domain_${metric}`)?.samples.map(({ labels, value }) => [Object.values(labels).join("/"), value]);
    const model = "read-model/Totals/category Account of banking";
    const all = (first: unknown, second: unknown, third?: unknown): readonly unknown[] => [
      [model, first],
      ["group/mailer", second],
      ["projection/balances", third],
    ];
    expect(valuesOf("worker_up")).toEqual(all(1, 0, 1));
    expect(valuesOf("worker_ready")).toEqual(all(1, 1, 1));
    expect(valuesOf("worker_stalled")).toEqual(all(0, 0, 0));
    expect(valuesOf("worker_parked_events")).toEqual(all(0, 0, 0));
    expect(valuesOf("worker_failing_events")).toEqual(all(0, 4, 0));
    expect(valuesOf("worker_lag_events")).toEqual(all(0, 12).slice(0, 2));
    expect(valuesOf("worker_lag_seconds")).toEqual(all(0, 3.456).slice(0, 2));
    expect(valuesOf("worker_position")).toEqual([
      [model, 2],
      ["projection/balances", 7],
    ]);
    expect(valuesOf("worker_progress_age_seconds")).toEqual(all(expect.any(Number), 0.005, 0.005));
    expect(valuesOf("worker_interruptions_total")).toEqual([[model, 0]]);
    expect(valuesOf("alarms")).toEqual([["", 1]]);
    expect(families.get("reactive_domain_worker_interruptions_total")?.type).toBe("counter");
    expect(families.get("reactive_domain_worker_up")?.samples[0]?.labels).toEqual({
      kind: "read-model",
      name: "Totals",
      feed: "category Account of banking",
    });
    expect([...families.values()].filter(({ samples }) => samples.length === 0)).toEqual([]);
  });

  it.each(["C:\\new\\", 'a "quoted" one', "two\nlines", "\\n", '\\"', "Müller 🏦", "a,b}c=d{", "tab\there\r"])(
    "keeps the name %j",
    async (name) => {
      const ask = await serving(healthHandler(createHealth([reported({ name }), reported({ name })])));
      const samples = parsePrometheus((await ask("/metrics")).body).get("reactive_domain_worker_up")?.samples;
      expect(samples?.map(({ labels }) => labels["name"])).toEqual([name, `${name} (2)`]);
    },
  );

  it("has but the number of alarms where there are no workers", async () => {
    const ask = await serving(healthHandler(createHealth()));
    expect([...parsePrometheus((await ask("/metrics")).body).keys()]).toEqual(["reactive_domain_alarms"]);
  });
});

describe("the handler", () => {
  it("answers HEAD like GET, without the body", async () => {
    const ask = await serving(healthHandler(createHealth([reported({ status: "stopped" })])));
    for (const path of ["/health", "/health/live", "/health/ready", "/metrics"]) {
      const [get, head] = [await ask(path), await ask(path, "HEAD")];
      expect(head).toMatchObject({ code: get.code, body: "" });
      expect(head.headers["content-length"]).toBe(String(Buffer.byteLength(get.body)));
      expect(head.headers["content-type"]).toBe(get.headers["content-type"]);
    }
  });

  it.each(["POST", "PUT", "DELETE", "OPTIONS"])("refuses %s with what is allowed", async (method) => {
    const ask = await serving(healthHandler(createHealth()));
    const answer = await ask("/health", method);
    expect(answer).toMatchObject({ code: 405, headers: { allow: "GET, HEAD" } });
  });

  it("tells who asks for something else what there is", async () => {
    const ask = await serving(healthHandler(createHealth()));
    for (const path of ["/", "/healthy", "/health/", "//health", "/constructor"])
      expect(shown(await ask(path))).toEqual({
        code: 404,
        body: { error: "not-found", paths: ["/health", "/health/live", "/health/ready", "/metrics"] },
      });
  });

  it("answers below a prefix, and leaves other paths to the next", async () => {
    const handler = healthHandler(createHealth(), { prefix: "/internal/bank" });
    const ask = await serving((request, response) => handler(request, response, () => void response.end("next")));
    expect(await ask("/internal/bank/health")).toMatchObject({ code: 200 });
    expect(await ask("/internal/bank/metrics")).toMatchObject({ code: 200 });
    expect(await ask("/health")).toMatchObject({ code: 200, body: "next" });
  });

  it("tells nobody outside why it cannot show a health, but the process", async () => {
    const error = new Error("secret");
    const broken = { report: () => Promise.reject(error) } as unknown as Health;
    const ask = await serving(healthHandler(broken));
    expect(shown(await ask("/health"))).toEqual({ code: 500, body: { error: "not-shown" } });
    expect(warnings).toEqual([error]);
  });

  it("shares one look among requests that come together", async () => {
    let looks = 0;
    const { bank } = openBank();
    await using totals = new Totals();
    await totals.start(bank.all());
    const health = createHealth([
      {
        report: async () => {
          looks++;
          await totals.caughtUp();
          return reported().report();
        },
      },
    ]);
    const handler = healthHandler(health);
    const ask = await serving((request, response) => {
      for (let time = 0; time < 3; time++) void health.report();
      handler(request, response);
    });
    await ask("/health");
    expect(looks).toBe(1);
  });

  it.each([
    [undefined, {}],
    [{}, {}],
    [createHealth(), { prefix: "internal" }],
    [createHealth(), { prefix: "/internal/" }],
    [createHealth(), { prefix: "/a?b" }],
    [createHealth(), { prefix: 5 }],
    [createHealth(), { showError: "code" }],
    [createHealth(), { path: "/health" }],
    [createHealth(), null],
  ])("refuses %j with the options %j", (health, options) => {
    expect(refusalOf(() => healthHandler(health as Health, options as object))).toBeInstanceOf(InvalidArgument);
  });
});
