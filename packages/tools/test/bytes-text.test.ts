import { expect, test } from "vitest";
import { bytesText } from "../src/bytes-text.ts";

test.each([
  [0, "0 bytes"],
  [1_023, "1023 bytes"],
  [1_024, "1.0 KiB"],
  [1_536 * 1_024, "1.5 MiB"],
  [2 ** 60, "1048576.0 TiB"],
])("%i bytes are shown as %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});
