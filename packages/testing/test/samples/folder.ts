import { AssertionError } from "node:assert";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { boundedContext, type BoundedContext, type EventBase, type MessageClass } from "@reactive-domain/foundation";
import { checkSamples, type CheckSamplesOptions, type SampleReport } from "@reactive-domain/testing";
import { onTestFinished } from "vitest";

/** A folder of samples that is removed when the test has ended. */
export class SampleFolder {
  readonly path = mkdtempSync(join(tmpdir(), "samples-"));

  constructor() {
    onTestFinished(() => rmSync(this.path, { recursive: true }));
  }

  get files(): readonly string[] {
    return readdirSync(this.path).toSorted();
  }

  read(file: string): unknown {
    return JSON.parse(readFileSync(join(this.path, file), "utf8"));
  }

  write(file: string, content: unknown): void {
    writeFileSync(join(this.path, file), typeof content === "string" ? content : JSON.stringify(content));
  }

  check(events: readonly MessageClass<EventBase>[], options: Omit<CheckSamplesOptions, "folder"> = {}): Promise<SampleReport> {
    return checkSamples(contextOf(events), { ...options, folder: this.path });
  }

  /** What a check fails with. */
  async failure(events: readonly MessageClass<EventBase>[], options: Omit<CheckSamplesOptions, "folder"> = {}): Promise<AssertionError> {
    const error: unknown = await this.check(events, options).then(
      () => new Error("This was expected to fail, and passed."),
      (thrown: unknown) => thrown,
    );
    if (error instanceof AssertionError) return error;
    throw error;
  }
}

function contextOf(events: readonly MessageClass<EventBase>[]): BoundedContext {
  return boundedContext("banking", { aggregates: [], events });
}
