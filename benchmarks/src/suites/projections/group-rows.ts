import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { connect, EventBase, type ConsumerOptions, type EventStore } from "@reactive-domain/foundation";
import { openPostgresStore } from "@reactive-domain/postgres";
import { compare, timed, type Work } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { Account, banking } from "../aggregates/account.ts";
import { historyOf } from "../aggregates/history.ts";
import { rowOf } from "../row-of.ts";
import { withStore } from "../store-postgres/our-store.ts";
import { schemaOf } from "../store-postgres/place.ts";

const EVENTS = 100_000;
const ACCOUNTS = 10_000;
const CONSUMERS = 4;
const ROUNDS = 3;
const EVENTS_OF_A_WRITE = 100;
const UP_TO = 100;
const FLOOR = join(import.meta.dirname, "../../../floors/group-skip-locked.mjs");

/** A consumer group of four consumers, each with a store of its own, beside a queue by hand of four workers. Both acknowledge durably. */
export async function groupRows(url: string, onDurability: (durability: string) => unknown): Promise<readonly BenchRow[]> {
  const floor = queueByHand(url, onDurability);
  const row = async (suffix: string, name: string, options: ConsumerOptions, target: number): Promise<BenchRow> => {
    const measured = await compare(consumers(url, options), floor, ROUNDS);
    return rowOf({ id: `group.4${suffix}`, name: `a group of 4 consumers, ${name}`, unit: "events/s", ...measured, target });
  };
  return [
    await row(".each", "each event acknowledged by itself", { maxInFlight: 16 }, 0.5),
    await row(".100", "acknowledged by up to 100", { maxInFlight: UP_TO, batch: 10 * UP_TO, acknowledge: { upTo: UP_TO } }, 5),
  ];
}

function queueByHand(url: string, onDurability: (durability: string) => unknown): Work {
  return {
    run: async () => {
      const args = [FLOOR, url, schemaOf("group_floor"), String(EVENTS), String(CONSUMERS)];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      const { durability, events, ms, handled } = JSON.parse(stdout) as { durability: string; events: number; ms: number; handled: number };
      if (handled !== events) throw new Error(`The queue by hand handled ${handled} of ${events} rows.`);
      onDurability(durability);
      return { units: events, ms };
    },
  };
}

function consumers(url: string, options: ConsumerOptions): Work {
  return {
    run: () =>
      withStore(url, "group", async (store, schema) => {
        await fill(store);
        let handled = 0;
        const stores = await Promise.all(Array.from({ length: CONSUMERS }, () => openPostgresStore(url, { schema })));
        const groups = stores.map((one) =>
          connect(banking, one)
            .group("mailer")
            .on(EventBase, () => void handled++),
        );
        const ms = await timed(async () => {
          await Promise.all(groups.map((group) => group.start(options)));
          await groups[0]?.caughtUp({ timeoutMs: 600_000 });
        });
        const { parked, waiting, claimed } = await store.groups.status("mailer");
        if (handled !== EVENTS || parked + waiting + claimed > 0) throw new Error(`The group handled ${handled} of ${EVENTS} events.`);
        await Promise.all(groups.map((group) => group.close()));
        await Promise.all(stores.map((one) => one.close()));
        return { units: EVENTS, ms };
      }),
  };
}

/** The accounts take turns, an event each. */
async function fill(store: EventStore): Promise<void> {
  const { streamNames } = connect(banking, store);
  for (let start = 0; start < EVENTS; start += EVENTS_OF_A_WRITE) {
    const items = Array.from({ length: EVENTS_OF_A_WRITE }, (_, index) => {
      const id = String((start + index) % ACCOUNTS).padStart(6, "0");
      const events = historyOf(id, 1, Math.floor(start / ACCOUNTS));
      return { kind: "append", stream: streamNames.forAggregate(Account.type, id), events, expectedVersion: "any" } as const;
    });
    await store.write(items);
  }
}
