import { describe, expect, it } from "vitest";
import { describeProgress, Progress } from "../src/cli/progress.ts";

function fakeOutput(isTTY: boolean): { readonly isTTY: boolean; readonly written: string[]; write(text: string): void } {
  const written: string[] = [];
  return { isTTY, written, write: (text) => void written.push(text) };
}

describe("progress", () => {
  it("tells rate and time left where the size of the work is known", () => {
    expect(describeProgress("commands", 12_000, 1500, 0.24)).toBe("12,000 commands, 24 %, 8,000 a second, 5 s left");
    expect(describeProgress("commands", 12_000, 1500, undefined)).toBe("12,000 commands, 8,000 a second");
  });

  it("is a line a second, and a line at the end, where there is no terminal", () => {
    let nowMs = 0;
    const output = fakeOutput(false);
    const progress = new Progress(output, { now: () => nowMs, monotonicMs: () => nowMs }, "commands");
    for (let done = 1; done <= 25; done++) {
      nowMs += 100;
      progress.update(done, done / 25);
    }
    progress.finish(25);
    expect(output.written).toEqual([
      "10 commands, 40 %, 10 a second, 2 s left\n",
      "20 commands, 80 %, 10 a second, 1 s left\n",
      "25 commands in 2.5 s (10 a second)\n",
    ]);
  });

  it("is one line that changes on a terminal, and makes room for others", () => {
    let nowMs = 0;
    const output = fakeOutput(true);
    const progress = new Progress(output, { now: () => nowMs, monotonicMs: () => nowMs }, "commands");
    nowMs = 100;
    progress.update(1, undefined);
    progress.tell("file:1: bad");
    expect(output.written).toEqual(["\r\u{1b}[2K1 commands, 10 a second", "\r\u{1b}[2Kfile:1: bad\n"]);
  });
  it("says what there is to add, and fits a terminal, as a line that wraps could not be cleared", () => {
    let nowMs = 0;
    const output = { ...fakeOutput(true), columns: 40 };
    const progress = new Progress(output, { now: () => nowMs, monotonicMs: () => nowMs }, "commands");
    nowMs = 100;
    progress.update(1, undefined, () => "answers 3 events and 12 ms behind");
    expect(output.written).toEqual(["\r\u{1b}[2K1 commands, 10 a second, answers 3 even"]);
  });
});
