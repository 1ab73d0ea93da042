import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { expect, onTestFinished, test, vi } from "vitest";
import { command } from "./ledgers.ts";

vi.setConfig({ testTimeout: 60_000 });

async function emptyStore(): Promise<string> {
  const file = join(temporaryDirectory(), "bank.db");
  await (await openSqliteStore(file)).close();
  return `sqlite:${file}`;
}

function passwordFile(password = "correct-horse\n"): string {
  const file = join(temporaryDirectory(), "password");
  writeFileSync(file, password);
  return file;
}

test("the program makes users of a store, lists them, sets their passwords and removes them", async () => {
  const store = await emptyStore();
  const user = async (...args: readonly string[]) => command(["user", ...args, "--store", store]);
  const secret = ["--password-file", passwordFile()];
  expect(await user("add", "ann", "--group", "sales", "--group", "$ops", "--full-name", "Ann Smith", ...secret)).toMatchObject({
    status: 0,
    lines: ["ann: added."],
  });
  vi.stubEnv("REACTIVE_DOMAIN_USER_PASSWORD", "battery-staple");
  onTestFinished(() => void vi.unstubAllEnvs());
  expect((await user("add", "bob", "--json")).lines).toEqual(['{"login":"bob","change":"added"}']);
  expect((await user("list")).lines).toEqual([
    "LOGIN  GROUPS      STATE    NAME",
    "ann    sales,$ops  enabled  Ann Smith",
    "bob    -           enabled",
  ]);
  expect((await user("password", "ann", ...secret)).lines).toEqual(["ann: password set."]);
  expect((await user("remove", "bob")).lines).toEqual(["bob: removed."]);
  const { lines } = await user("list", "--json");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { login: "ann", fullName: "Ann Smith", groups: ["sales", "$ops"], disabled: false, updatedAt: expect.stringMatching(/Z$/) as unknown },
  ]);
});

test("what cannot be done to users is told in one sentence, with status 2", async () => {
  const store = await emptyStore();
  const file = passwordFile();
  const tries: readonly (readonly [readonly string[], string])[] = [
    [["add", "ann"], "The user needs a password. Give it by --password-file FILE, or set REACTIVE_DOMAIN_USER_PASSWORD."],
    [["add", "ann", "--password-file", `${file}-none`], "What --password-file names cannot be used:"],
    [["add", "ann", "--password-file", passwordFile("\n")], "The password is empty."],
    [["add", "$ann", "--password-file", file], "The login name $ann begins with $"],
    [["add", "ann", "--group", "$others", "--password-file", file], "There is no group $others."],
    [["password", "ann", "--password-file", file], "There is no user ann."],
    [["remove", "ann"], "There is no user ann."],
  ];
  for (const [args, sentence] of tries)
    expect(await command(["user", ...args, "--store", store])).toMatchObject({
      status: 2,
      lines: [],
      complaints: [expect.stringContaining(`reactive-domain: ${sentence}`)],
    });
  expect((await command(["user", "list", "--store", store])).lines).toEqual(["LOGIN  GROUPS  STATE  NAME"]);
  expect(await command(["user", "list", "--store", `${store}-none`])).toMatchObject({ status: 2 });
  expect(await command(["user", "list", "--store", "kurrentdb://127.0.0.1:1"])).toMatchObject({
    status: 2,
    complaints: [expect.stringContaining("managed by its own tools")],
  });
});
