import { expect, test } from "vitest";
import { durationMs, durationText } from "../src/duration.ts";

test.each([
  ["500ms", 500],
  ["1.5s", 1_500],
  ["5m", 300_000],
  ["2h", 7_200_000],
  ["1d", 86_400_000],
])("%s is a time of %i milliseconds", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test.each(["", "5", "0s", "-1s", "5 s", "5w", "1e3s", "99999999999999999d"])("%j is no time", (text) => {
  expect(() => durationMs(text)).toThrow("It must be a time above 0 like 500ms, 30s, 5m, 2h or 1d.");
});

test.each([
  [0, "0 s"],
  [400, "1 s"],
  [59_000, "59 s"],
  [59_500, "1 min"],
  [200_000, "3 min 20 s"],
  [7_500_000, "2 h 5 min"],
  [36_000_000_000, "10,000 h"],
])("%i ms are told as %s", (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
