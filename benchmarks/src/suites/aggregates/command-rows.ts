import { openPostgresStore } from "@reactive-domain/postgres";
import { timed } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { withStore } from "../store-postgres/our-store.ts";
import { AccountCommands } from "./account-commands.ts";
import { countingPool } from "./counting-pool.ts";
import { compareWithEmmett } from "./emmett.ts";

const ROUNDS = 5;
const HISTORY = 1_000;
const COMMANDS = 300;
const WARM_UP = 10;
const RIVAL_TARGET = 5;
/** One to catch up and one to write, and nothing beside. */
const BELOW_TRIPS = 2.01;

/** Commands on one aggregate, which is kept between them, beside bare appends and beside Emmett's `CommandHandler`. */
export async function commandRows(url: string): Promise<readonly BenchRow[]> {
  return withStore(url, "commands", async (others, schema) => {
    const { pool, statements } = countingPool(url);
    try {
      await using store = await openPostgresStore(pool, { schema });
      const commands = await AccountCommands.on(store, HISTORY);
      const { rates, columns } = await compareWithEmmett(url, {
        ours: { run: async () => ({ units: COMMANDS, ms: await timed(() => commands.deposit(COMMANDS)) }) },
        floor: { run: async () => ({ units: COMMANDS, ms: await timed(() => commands.append(COMMANDS)) }) },
        durability: store.durability,
        rounds: ROUNDS,
        run: { program: "command.mjs", flags: ["--events", `${COMMANDS}`, "--history", `${HISTORY}`] },
      });
      const tripsOf = async (work: () => Promise<void>): Promise<number> => {
        const before = statements();
        await work();
        return (statements() - before) / COMMANDS;
      };
      const alone = await tripsOf(() => commands.deposit(COMMANDS));
      // The first ones find that the account is not theirs alone any more.
      await commands.deposit(WARM_UP, others);
      const shared = await tripsOf(() => commands.deposit(COMMANDS, others));
      await commands.check();
      const name = `commands on a cached aggregate of ${HISTORY.toLocaleString("en-US")} events and more, one after another`;
      const met = (columns.ratioToRival ?? 0) >= RIVAL_TARGET;
      return [
        {
          id: "aggregate.command",
          name,
          unit: "commands/s",
          ...rates,
          ratioToFloor: rates.value / rates.floor,
          ...columns,
          rivalTarget: RIVAL_TARGET,
          met,
        },
        tripsRow("aggregate.command.trips", "the same", alone),
        tripsRow("aggregate.command.trips.shared", "the same, while others write to the aggregate between all of them", shared),
      ];
    } finally {
      await pool.end();
    }
  });
}

function tripsRow(id: string, name: string, value: number): BenchRow {
  return { id, name, unit: "round trips a command", value, below: BELOW_TRIPS, met: value < BELOW_TRIPS };
}
