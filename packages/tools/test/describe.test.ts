import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { expect, test, vi } from "vitest";
import { describeModule } from "../src/commands/describe-module.ts";
import { UsageError } from "../src/errors.ts";
import { collectOutput } from "./collected-output.ts";
import { runCommandLine } from "./command-line.ts";

vi.setConfig({ testTimeout: 30_000 });

const MODULES = "packages/tools/test/modules";
const SHOP = `${MODULES}/shop.ts`;
const CONTEXTS = `${MODULES}/shop-context.ts`;

test("a module's buses are told with their steps and handlers, in columns, though the module would go on", async () => {
  const { status, output, errors } = await runCommandLine(["describe", SHOP]);
  expect({ status, errors }).toEqual({ status: 0, errors: "" });
  expect(output.replaceAll(/:\d+:\d+/g, ":L:C")).toBe(
    [
      "commands: command bus, through audited, validation",
      "TYPE         HANDLER                   REGISTERED AT",
      `CancelOrder  a handler without a name  ${SHOP}:L:C`,
      `OpenOrder    openOrder                 ${SHOP}:L:C`,
      "",
      "idle: event bus, no steps",
      "It handles nothing.",
      "",
      "app.events: event bus, no steps",
      "TYPE         HANDLER  REGISTERED AT",
      `*            keep     ${SHOP}:L:C`,
      `OrderOpened  mail     ${SHOP}:L:C`,
      "",
      "app.queries: query bus, no steps",
      "TYPE     HANDLER  REGISTERED AT",
      `OrderOf  orderOf  ${SHOP}:L:C`,
      "",
    ].join("\n"),
  );
});

test("with json there is one document", async () => {
  const { status, output } = await runCommandLine(["describe", `./${SHOP}`, "--json"]);
  expect(status).toBe(0);
  const site = expect.stringMatching(/^packages\/tools\/test\/modules\/shop\.ts:\d+:\d+$/) as unknown;
  expect(JSON.parse(output)).toEqual({
    module: `./${SHOP}`,
    contexts: [],
    buses: [
      {
        name: "commands",
        kind: "command",
        middleware: ["audited", "validation"],
        handlers: [
          { type: "CancelOrder", name: "a handler without a name", site },
          { type: "OpenOrder", name: "openOrder", site },
        ],
      },
      { name: "idle", kind: "event", middleware: [], handlers: [] },
      {
        name: "app.events",
        kind: "event",
        middleware: [],
        handlers: [
          { type: "*", name: "keep", site },
          { type: "OrderOpened", name: "mail", site },
        ],
      },
      { name: "app.queries", kind: "query", middleware: [], handlers: [{ type: "OrderOf", name: "orderOf", site }] },
    ],
  });
});

test("a module's bounded contexts are told with all that they list, though it exports no bus", async () => {
  const { status, output, errors } = await runCommandLine(["describe", CONTEXTS]);
  expect({ status, errors }).toEqual({ status: 0, errors: "" });
  expect(output).toBe(
    [
      "shop: bounded context shop, prefix shop",
      "AGGREGATE  KIND     SNAPSHOTS",
      "Order      class    -",
      "Stock      class    every 100 events, schema version 2",
      "Customer   class    loads slower than 50 ms, schema version 1",
      "Basket     decider  every 10 events, loads slower than 20 ms, schema version 4",
      "EVENT          VERSION  UPCASTS FROM  SUBJECT     SENSITIVE",
      "OrderOpened    1        -             -           -",
      "CustomerMoved  3        1, 2          customerId  street, city",
      "COMMAND    SUBJECT     SENSITIVE",
      "OpenOrder  -           -",
      "Move       customerId  street",
      "QUERY    SUBJECT  SENSITIVE",
      "OrderOf  -        phone",
      "",
      "app.mail: bounded context mail, prefix post",
      "EVENT        VERSION  UPCASTS FROM  SUBJECT  SENSITIVE",
      "OrderOpened  1        -             -        -",
      "",
    ].join("\n"),
  );
});

test("with json, contexts stand beside the buses", async () => {
  const { status, output } = await runCommandLine(["describe", CONTEXTS, "--json"]);
  expect(status).toBe(0);
  const none = { subject: null, sensitive: [] };
  const snapshots = { everyEvents: null, slowerThanMs: null };
  const opened = { type: "OrderOpened", version: 1, upcastsFrom: [], ...none };
  expect(JSON.parse(output)).toEqual({
    module: CONTEXTS,
    buses: [],
    contexts: [
      {
        name: "shop",
        context: "shop",
        prefix: "shop",
        aggregates: [
          { type: "Order", kind: "class", snapshots: null },
          { type: "Stock", kind: "class", snapshots: { ...snapshots, schemaVersion: 2, everyEvents: 100 } },
          { type: "Customer", kind: "class", snapshots: { ...snapshots, schemaVersion: 1, slowerThanMs: 50 } },
          { type: "Basket", kind: "decider", snapshots: { schemaVersion: 4, everyEvents: 10, slowerThanMs: 20 } },
        ],
        events: [opened, { type: "CustomerMoved", version: 3, upcastsFrom: [1, 2], subject: "customerId", sensitive: ["street", "city"] }],
        commands: [
          { type: "OpenOrder", ...none },
          { type: "Move", subject: "customerId", sensitive: ["street"] },
        ],
        queries: [{ type: "OrderOf", subject: null, sensitive: ["phone"] }],
      },
      { name: "app.mail", context: "mail", prefix: "post", aggregates: [], events: [opened], commands: [], queries: [] },
    ],
  });
});

test("a context of another copy of the toolkit is told behind the buses, also within a connected one", async () => {
  const directory = temporaryDirectory();
  const definition = `{ type: "Paid\\u001b", version: 1, upcasters: {}, subject: undefined, sensitive: [] }`;
  writeFileSync(
    join(directory, "payments.mjs"),
    `const context = {
       [Symbol.for("@reactive-domain/foundation/bounded-context")]: true,
       name: "payments", prefix: "pay", aggregates: [], events: [{ definition: ${definition} }], commands: [], queries: [],
     };
     export const events = { [Symbol.for("@reactive-domain/messaging/bus")]: "event", describe: () => ({ handlers: [], middleware: [] }) };
     export const connected = { context, get store() { throw new Error("It was read."); } };`,
  );
  const output = collectOutput();
  await describeModule("./payments.mjs", { directory }, output);
  expect(output.lines).toEqual([
    "events: event bus, no steps",
    "It handles nothing.",
    "",
    "connected.context: bounded context payments, prefix pay",
    "EVENT       VERSION  UPCASTS FROM  SUBJECT  SENSITIVE",
    String.raw`Paid\u001b  1        -             -        -`,
  ]);
});

test("a package is found by its name, with buses of its own copy of the toolkit, and by default last", async () => {
  const directory = temporaryDirectory();
  const shop = join(directory, "node_modules", "shop");
  mkdirSync(shop, { recursive: true });
  writeFileSync(join(shop, "package.json"), JSON.stringify({ name: "shop", type: "module", exports: "./shop.js" }));
  writeFileSync(
    join(shop, "shop.js"),
    `const bus = {
       [Symbol.for("@reactive-domain/messaging/bus")]: "command",
       describe: () => ({ handlers: [{ type: "Pay", name: "pay\\u001b[31m", site: "pay (${directory}/pay.js:3:7)" }], middleware: [] }),
     };
     export { bus as default, bus as named };`,
  );
  const output = collectOutput();
  await describeModule("shop", { directory }, output);
  expect(output.lines).toEqual([
    "named: command bus, no steps",
    String.raw`TYPE  HANDLER        REGISTERED AT`,
    String.raw`Pay   pay\u001b[31m  pay.js:3:7`,
  ]);
});

test.each([
  [
    "./none.ts",
    `There is no module ./none.ts: neither a file ${resolve("none.ts")} nor a package of that name for files in ${resolve(".")}. Name a file or a package that is installed there.`,
  ],
  [
    "no-such-package",
    `There is no module no-such-package: neither a file ${resolve("no-such-package")} nor a package of that name for files in ${resolve(".")}. Name a file or a package that is installed there.`,
  ],
  [
    `${MODULES}/without-bus.ts`,
    `${MODULES}/without-bus.ts exports no bus and no bounded context, neither by itself nor in an object. Export what createCommandBus, createEventBus, createQueryBus or boundedContext made.`,
  ],
  [
    "README.md",
    'This Node cannot import README.md as it is. Give it a loader, as in NODE_OPTIONS="--import tsx", or name the compiled file.',
  ],
])("%s is refused in one sentence, with status 2", async (module, sentence) => {
  expect(await runCommandLine(["describe", module])).toEqual({ status: 2, output: "", errors: `reactive-domain: ${sentence}\n` });
});

test("a module that throws when it is imported is told in one sentence, with status 1", async () => {
  expect(await runCommandLine(["describe", `${MODULES}/throwing.ts`])).toEqual({
    status: 1,
    output: "",
    errors: `reactive-domain: ${MODULES}/throwing.ts threw when it was imported: TypeError: The database is away.\n`,
  });
});

test("a directory is no module", async () => {
  await expect(describeModule(`./${MODULES}`, {}, collectOutput())).rejects.toThrow(UsageError);
});
