import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

/** Workspace packages resolve to their sources, so that tests need no build; others to what Node takes, which knows no "module". */
const conditions = ["@reactive-domain/source", ...defaultServerConditions.filter((condition) => condition !== "module")];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      "{packages,adapters,examples}/*/test/**/*.test.ts",
      "{benchmarks,torture,test-servers}/test/**/*.test.ts",
      "scripts/test/**/*.test.mjs",
    ],
    globalSetup: ["test-servers/src/steward.ts"],
    pool: "forks",
    allowOnly: !process.env["CI"],
    passWithNoTests: false,
    testTimeout: 10_000,
    hookTimeout: 10_000,
    reporters: ["default"],
  },
});
