// A process of one rebuild over files of SQLite, so that its memory is its own: `memory-process.ts FILE VIEWS EVENTS`. It ends with a line of JSON: the most that it had, in bytes.
import { setInterval } from "node:timers";
import { openSqliteReadModels, openSqliteStore } from "@reactive-domain/sqlite";
import { rebuilding } from "./rebuild-work.ts";

const LOOK_EACH_MS = 5;
const BYTES_PER_KIB = 1024;

const [file = "", viewsFile = "", events = ""] = process.argv.slice(2);
let heapBytes = 0;
const looking = setInterval(() => {
  heapBytes = Math.max(heapBytes, process.memoryUsage().heapUsed);
}, LOOK_EACH_MS);
await using store = await openSqliteStore(file);
await using views = await openSqliteReadModels(viewsFile);
await rebuilding(store, views, Number(events)).run();
clearInterval(looking);
const rssBytes = process.resourceUsage().maxRSS * BYTES_PER_KIB;
process.stdout.write(`${JSON.stringify({ heapBytes, rssBytes })}\n`);
