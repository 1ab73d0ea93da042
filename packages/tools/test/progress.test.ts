import { expect, test } from "vitest";
import { createProgress } from "../src/progress.ts";

function written(stream: { readonly isTTY?: boolean; readonly columns?: number }): string {
  let text = "";
  const progress = createProgress({ ...stream, write: (more) => void (text += more) });
  progress.show("a long line about it");
  progress.clear();
  return text;
}

test("progress takes one line of a terminal, cut to its width, and is cleared", () => {
  expect(written({ isTTY: true, columns: 7 })).toBe("\r\u001B[Ka long\r\u001B[K");
});

test("nothing is shown where there is no terminal", () => {
  expect(written({})).toBe("");
});
