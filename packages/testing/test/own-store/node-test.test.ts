import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("the conformance cases run with node:test as well", { timeout: 60_000 }, () => {
  const file = fileURLToPath(new URL("json-lines-store.node-test.ts", import.meta.url));
  const args = ["--conditions=@reactive-domain/source", "--import", "tsx", "--test", "--test-reporter=tap", file];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(stdout).toMatch(/^# tests \d{3,}$/m);
  expect(stdout).toMatch(/^# fail 0$/m);
  expect(status).toBe(0);
});
