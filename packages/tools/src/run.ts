import { CommanderError } from "commander";
import { OutputClosed, UsageError } from "./errors.ts";
import type { Output } from "./output.ts";
import { createProgram } from "./program.ts";
import { createProgress, type Progress } from "./progress.ts";

/** How the process ends. */
export const ExitStatus = { fine: 0, failed: 1, badUsage: 2 } as const;
export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus];

const NO_PROGRESS: Progress = createProgress({ write: () => undefined });

/** Runs the command line: results to `output`, one sentence about what went wrong to `complain`. Returns the exit status. */
export async function run(
  args: readonly string[],
  output: Output,
  complain: (line: string) => void,
  progress: Progress = NO_PROGRESS,
): Promise<ExitStatus> {
  try {
    await createProgram(output, progress).parseAsync(args, { from: "user" });
    return ExitStatus.fine;
  } catch (error) {
    if (error instanceof OutputClosed) return ExitStatus.fine;
    // Commander has written its own sentence, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitStatus.fine : ExitStatus.badUsage;
    complain(`reactive-domain: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof UsageError ? ExitStatus.badUsage : ExitStatus.failed;
  }
}
