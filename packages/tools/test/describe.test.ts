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
    `${MODULES}/without-bus.ts exports no bus, neither by itself nor in an object. Export what createCommandBus, createEventBus or createQueryBus made.`,
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
