import { afterEach, beforeEach } from "vitest";
import { quiet } from "./gate.ts";

/** A warning of the process, with the code of the error that it is. */
export type Warning = Error & { readonly code?: string };

/** For the tests of a file: the warnings of each, which fails where a rejection is not handled, as that would end a process. */
export function watchProcess(): readonly Warning[] {
  const warnings: Warning[] = [];
  const unhandled: unknown[] = [];
  const onWarning = (warning: Error): number => warnings.push(warning);
  const onUnhandled = (reason: unknown): number => unhandled.push(reason);

  beforeEach(() => {
    warnings.length = 0;
    process.on("warning", onWarning);
    process.on("unhandledRejection", onUnhandled);
  });

  afterEach(async () => {
    await quiet();
    process.off("warning", onWarning);
    process.off("unhandledRejection", onUnhandled);
    const [first] = unhandled.splice(0);
    if (first !== undefined) throw new Error("A rejection was not handled.", { cause: first });
  });

  return warnings;
}
