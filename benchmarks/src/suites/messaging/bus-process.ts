// A process of one work, so that none slows another down, as one that has promises tracked would: `bus-process.ts WORK COUNT`. It ends with a line of JSON.
import { timed } from "../../measure.ts";
import { BUS_WORKS } from "./bus-works.ts";

const WARM_UP = 100_000;

const [name = "", count = ""] = process.argv.slice(2);
const work = BUS_WORKS[name]?.();
if (work === undefined) throw new RangeError(`The work is "${name}"; expected one of ${Object.keys(BUS_WORKS).join(", ")}.`);
await work(WARM_UP);
const ms = await timed(() => work(Number(count)));
process.stdout.write(`${JSON.stringify({ count: Number(count), ms })}\n`);
