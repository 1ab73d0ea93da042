import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Letter } from "../src/application/mail-file.ts";

/** The ids of the letters in a mail file, in their order: those of the events that they tell of, which the same commands lead to in every store. */
export async function lettersIn(folder: string, file: string): Promise<readonly string[]> {
  const lines = (await readFile(join(folder, file), "utf8")).split("\n").slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as Letter).id).toSorted();
}
