import { PassThrough, Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_LINE_CHARACTERS, readLines, type Line } from "../src/input/lines.ts";

async function linesOf(chunks: readonly Buffer[], signal = new AbortController().signal): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for await (const line of readLines(Readable.from(chunks), signal)) lines.push(line);
  return lines;
}

describe("reading lines", () => {
  it("gives the same lines however the input comes in pieces", async () => {
    const texts = fc.array(fc.string({ unit: "grapheme" }).filter((text) => !/[\r\n\u{feff}]/u.test(text) && text === text.trimEnd()));
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat(40)), async (expected, cuts) => {
        const bytes = Buffer.from(expected.map((text) => `${text}\n`).join(""));
        expect((await linesOf(cutAt(bytes, cuts))).map(({ text }) => text)).toEqual(expected);
      }),
    );
  });

  it("takes a last line without an end, Windows line ends and a byte order mark", async () => {
    const lines = await linesOf([Buffer.from("\u{feff}one\r\ntwo")]);
    expect(lines).toEqual([
      { number: 1, text: "one", bytesRead: 11 },
      { number: 2, text: "two", bytesRead: 11 },
    ]);
  });

  it("gives up a line that is too long, and goes on with the next", async () => {
    const long = Buffer.from("x".repeat(MAX_LINE_CHARACTERS));
    const lines = await linesOf([long, Buffer.from("y\nnext\n")]);
    expect(lines.map(({ number, text }) => [number, text])).toEqual([
      [1, undefined],
      [2, "next"],
    ]);
  });

  it("gives up a line that is too long in characters though its bytes fit in memory, and takes one as long as may be", async () => {
    const long = "\u{20ac}".repeat(MAX_LINE_CHARACTERS);
    const lines = await linesOf(cutAt(Buffer.from(`${long}\n${"\u{e9}".repeat(MAX_LINE_CHARACTERS + 1)}\n`), [1_000_000, 1_000_001]));
    expect(lines.map(({ text }) => text?.length)).toEqual([MAX_LINE_CHARACTERS, undefined]);
  });

  it("gives up a line that is not UTF-8, wherever it is cut, and takes its neighbours", async () => {
    const bytes = Buffer.concat([
      Buffer.from("caf\u{e9}\n{"),
      Buffer.from([0xff, 0xc3]),
      Buffer.from("}\n\u{fffd}\n"),
      Buffer.from([0xe2, 0x82]),
    ]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5)), async (cuts) => {
        const lines = await linesOf(cutAt(bytes, cuts));
        expect(lines.map(({ number, text, fault }) => [number, text, fault])).toEqual([
          [1, "caf\u{e9}", undefined],
          [2, undefined, "the line is not UTF-8"],
          [3, "\u{fffd}", undefined],
          [4, undefined, "the line is not UTF-8"],
        ]);
      }),
    );
  });

  it("ends without an error when it is aborted", async () => {
    const abort = new AbortController();
    const seen: number[] = [];
    for await (const { number } of readLines(Readable.from([Buffer.from("1\n2\n3\n"), Buffer.from("4\n")]), abort.signal)) {
      seen.push(number);
      if (number === 2) abort.abort();
    }
    expect(seen).toEqual([1, 2]);
  });

  it("gives nothing of an input that never ends, and lets go of it, when it was aborted before", async () => {
    const input = new PassThrough();
    const seen: Line[] = [];
    for await (const line of readLines(input, AbortSignal.abort())) seen.push(line);
    expect({ seen, isDestroyed: input.destroyed }).toEqual({ seen: [], isDestroyed: true });
  });
});

function cutAt(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const pieces: Buffer[] = [];
  let start = 0;
  for (const size of sizes) {
    pieces.push(bytes.subarray(start, start + size));
    start += size;
  }
  return [...pieces, bytes.subarray(start)].filter((piece) => piece.length > 0);
}
