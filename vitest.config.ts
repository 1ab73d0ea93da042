import { availableParallelism } from "node:os";
import { defaultServerConditions } from "vite";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

/** Workspace packages resolve to their sources, so that tests need no build; others to what Node takes, which knows no "module". */
const conditions = ["@reactive-domain/source", ...defaultServerConditions.filter((condition) => condition !== "module")];

const ALL = [
  "{packages,adapters,examples}/*/test/**/*.test.ts",
  "{benchmarks,torture,test-servers}/test/**/*.test.ts",
  "scripts/test/**/*.test.mjs",
];
/** These run first, so that none of them is left over when there is nothing to run beside it any more. */
const LONGEST = [
  "torture/test/*.test.ts",
  "adapters/*/test/{event-store*.conformance,competing-processes}.test.ts",
  "examples/bank/test/{cli,postgres}.test.ts",
];
/** These measure what others beside them change: how the log of a busy file grows, and what plans read in a server that nobody else keeps from clearing up. */
const ALONE = ["adapters/sqlite/test/wal-checkpointer.test.ts", "adapters/postgres/test/query-plans.test.ts"];

/** These leave nothing behind in their process, which goes on with the next file: loading what they need takes longer than most of them. */
const TOGETHER = [
  "packages/{core,foundation,messaging,persistence,testing,transport}/test/**/*.test.ts",
  // All but those of the other client: no process can load both.
  "packages/kurrentdb-server/test/!(clients)/**/*.test.ts",
  "packages/kurrentdb-server/test/clients/kurrent/**/*.test.ts",
];

type ProjectTests = NonNullable<TestProjectInlineConfiguration["test"]>;

/** Files with the same place in the order run beside each other, and those of the first name begin. */
function project(
  name: string,
  tests: Pick<ProjectTests, "include" | "exclude" | "isolate" | "maxWorkers" | "sequence">,
): TestProjectInlineConfiguration {
  return {
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: { name, pool: "forks", allowOnly: !process.env["CI"], testTimeout: 10_000, hookTimeout: 10_000, ...tests },
  };
}

export default defineConfig({
  test: {
    projects: [
      project("longest", { include: LONGEST }),
      project("together", { include: TOGETHER, isolate: false }),
      project("others", { include: ALL, exclude: [...TOGETHER, ...LONGEST, ...ALONE] }),
      project("alone", { include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } }),
    ],
    globalSetup: ["test-servers/src/steward.ts"],
    maxWorkers: Math.max(availableParallelism() - 1, 2),
    passWithNoTests: false,
    reporters: ["default"],
  },
});
