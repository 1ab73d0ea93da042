import { openPostgresStore } from "@reactive-domain/postgres";
import { newEvent } from "@reactive-domain/store-tests";

/** Appends to streams of its own, always with their exact version, and to one of all, several at a time; says `written <stream> <version> <position>`. */
const [url = "", name = "", count = "0"] = process.argv.slice(2);
const CALLERS = 8;

const store = await openPostgresStore(url);
let remaining = Number(count);

async function appendOneAfterAnother(stream: string): Promise<void> {
  let { lastVersion } = await store.streamInfo(stream);
  while (remaining-- > 0) {
    const expectedVersion = stream === "shared-1" ? "any" : (lastVersion ?? "noStream");
    const { version, position } = await store.append(stream, [newEvent()], { expectedVersion });
    lastVersion = version;
    process.stdout.write(`written ${stream} ${version} ${position}\n`);
  }
}

const streams = Array.from({ length: CALLERS }, (_, index) => `${name}-${index}`);
await Promise.all([...streams, "shared-1"].map(appendOneAfterAnother));
await store.close();
