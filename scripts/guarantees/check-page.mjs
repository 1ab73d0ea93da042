import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventStoreGuarantees } from "../../packages/testing/src/conformance/index.ts";
import { violation } from "../source/violations.mjs";
import { differenceOf } from "./difference.mjs";
import { pageOf } from "./page-of.mjs";
import { readStores } from "./read-stores.mjs";

const PAGE = "docs/reference/guarantees.md";

const path = join(process.cwd(), PAGE);
const expected = pageOf(eventStoreGuarantees, await readStores());
if (process.argv.includes("--write")) writeFileSync(path, expected);

const difference = differenceOf(existsSync(path) ? readFileSync(path, "utf8") : "", expected);
if (difference !== undefined) {
  const remedy = "run `node scripts/guarantees.mjs --write`";
  console.log(violation({ file: PAGE, wrong: "the page differs from the conformance cases", remedy, ...difference }));
  process.exitCode = 1;
}
