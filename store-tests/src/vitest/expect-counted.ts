import type { ReadModels } from "@reactive-domain/persistence";
import { expect } from "vitest";
import { counters } from "../put-beside-others.ts";
import type { Child } from "./start-child.ts";

/** Holds that all that children said they have put is there, and that what they share was counted once for each time. */
export async function expectCounted(models: ReadModels, children: readonly Child[]): Promise<void> {
  const repository = await models.repository(counters);
  const said = children.flatMap((child) => child.said);
  const shared = (await repository.get("shared"))?.item.count ?? 0;
  const counted = said.filter(([word]) => word === "counted").length;
  expect(shared).toBeGreaterThanOrEqual(counted);
  const lost: string[] = [];
  for (const [word, name = "", version] of said)
    if (word === "put" && (await repository.get(name))?.version !== Number(version)) lost.push(name);
  expect(lost).toEqual([]);
  const { total = 0 } = await repository.query({ filter: { name: { ne: "shared" } }, page: { size: 1, total: true } });
  // Of each that was put and not yet said, one may be there more.
  expect(shared).toBeLessThanOrEqual(total);
}
