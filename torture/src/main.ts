import { randomInt } from "node:crypto";
import { HELP, readOptions, USAGE, UsageError, type Chosen } from "./options.ts";
import { withSteward } from "@reactive-domain/test-servers";
import { torture, type TortureResult } from "./torture.ts";

const USAGE_STATUS = 2;
const MAX_FINDINGS = 20;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const chosen = readOptions(args, () => randomInt(2 ** 32));
    if (chosen !== "help") return await withSteward(() => run(chosen));
    process.stdout.write(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n${USAGE}\n`);
    return USAGE_STATUS;
  }
}

async function run(chosen: Chosen): Promise<number> {
  const tell = (line: string): void => void process.stdout.write(`${line}\n`);
  tell(`seed ${chosen.seed}`);
  const result = await torture({ ...chosen, tell });
  tellFindings(result, chosen, tell);
  tell(lastLine(result));
  return result.findings.isClean ? 0 : 1;
}

function tellFindings({ findings: { all }, kept }: TortureResult, { seed }: Chosen, tell: (line: string) => void): void {
  for (const finding of all.slice(0, MAX_FINDINGS)) tell(finding);
  if (all.length > MAX_FINDINGS) tell(`and ${all.length - MAX_FINDINGS} more`);
  if (kept !== undefined) tell(`The store is kept in ${kept}; repeat it with --seed ${seed}.`);
}

function lastLine({ kills, acknowledged, findings }: TortureResult): string {
  const [lost, doubled, holes, early] = (["lost", "doubled", "holes", "early"] as const).map((column) => findings.count(column));
  return `torture: ${kills} kills, ${acknowledged} acknowledged, ${lost} lost, ${doubled} doubled, ${holes} holes, ${early} early checkpoints`;
}
