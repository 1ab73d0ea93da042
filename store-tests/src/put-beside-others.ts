import { defineListing } from "@reactive-domain/messaging";
import { defineReadModels, WrongItemVersion, type ReadModels } from "@reactive-domain/persistence";

/** Counters by name, for several processes to put. */
export const counters = defineReadModels("counters", {
  listing: defineListing({ key: "name", fields: { name: "string", count: "number" } }),
  indexes: [["count"]],
});

const CALLERS = 4;

/**
 * Puts so many items of its own, several at a time, and counts each in an item that all processes share, at the version that it knows. Says `put <name> <version>`
 * of each, and `counted` of each that the shared item has.
 */
export async function putBesideOthers(models: ReadModels, name: string, count: number): Promise<void> {
  const repository = await models.repository(counters);
  let next = 0;
  const countShared = async (): Promise<void> => {
    for (;;) {
      const kept = await repository.get("shared");
      try {
        const item = { name: "shared", count: (kept?.item.count ?? 0) + 1 };
        await repository.put(item, { expectedVersion: kept?.version ?? "none" });
        return;
      } catch (error) {
        if (!(error instanceof WrongItemVersion)) throw error;
      }
    }
  };
  const putOneAfterAnother = async (): Promise<void> => {
    while (next < count) {
      const own = `${name}-${next++}`;
      const { version } = await repository.put({ name: own, count: 1 }, { expectedVersion: "none" });
      process.stdout.write(`put ${own} ${version}\n`);
      await countShared();
      process.stdout.write("counted\n");
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, putOneAfterAnother));
}
