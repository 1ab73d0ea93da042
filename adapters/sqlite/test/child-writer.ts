import { openSqliteStore } from "@reactive-domain/sqlite";
import { newEvent } from "@reactive-domain/store-tests";

/** Appends to streams of its own, several at a time, and says on standard output what was acknowledged: `stream version position`. */
const [path = "", name = "", count = "0"] = process.argv.slice(2);
const CALLERS = 8;

const store = await openSqliteStore(path);
let remaining = Number(count);

async function appendOneAfterAnother(stream: string): Promise<void> {
  while (remaining-- > 0) {
    const result = await store.append(stream, [newEvent()], { expectedVersion: "any" });
    process.stdout.write(`${stream} ${result.version} ${result.position}\n`);
  }
}

const streams = Array.from({ length: CALLERS }, (_, index) => `${name}-${index}`);
await Promise.all([...streams, "shared-1"].map(appendOneAfterAnother));
await store.close();
