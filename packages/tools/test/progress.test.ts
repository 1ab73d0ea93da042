import { expect, test } from "vitest";
import { createProgress, type Progress } from "../src/progress.ts";

function written(stream: { readonly isTTY?: boolean; readonly columns?: number }, use: (progress: Progress) => void): string {
  let text = "";
  use(createProgress({ ...stream, write: (more) => void (text += more) }));
  return text;
}

function showAndClear(progress: Progress): void {
  progress.show("a long line about it");
  progress.clear();
}

test("progress takes one line of a terminal, cut to its width, and is cleared", () => {
  expect(written({ isTTY: true, columns: 7 }, showAndClear)).toBe("\r\u001B[Ka long\r\u001B[K");
});

test("nothing is shown where there is no terminal", () => {
  expect(written({}, showAndClear)).toBe("");
});

test("a line that stays is written above the one that is shown, which is there again behind it", () => {
  const text = written({ isTTY: true, columns: 80 }, (progress) => {
    progress.show("half");
    progress.tell("an event failed");
    progress.clear();
    progress.tell("over");
  });
  expect(text).toBe("\r\u001B[Khalf\r\u001B[Kan event failed\nhalf\r\u001B[K\r\u001B[Kover\n");
});

test("a line that stays is written where there is no terminal, too", () => {
  expect(written({}, (progress) => progress.tell("an event failed"))).toBe("an event failed\n");
});
