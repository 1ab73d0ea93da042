// All checks but the tests: npm run check, or npm run check -- layers docs
import { runSteps } from "./check/run-steps.mjs";
import { chooseSteps } from "./check/steps.mjs";

try {
  process.exitCode = (await runSteps(chooseSteps(process.argv.slice(2)))) ? 0 : 1;
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
