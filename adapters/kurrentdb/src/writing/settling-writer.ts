import { DeliveryLost, type SettleItem, type WriteItem, type WriteResult } from "@reactive-domain/persistence";
import { appendsOf } from "@reactive-domain/persistence/adapter";
import type { Connection } from "../connection/connection.ts";
import type { KurrentGroups } from "../groups/kurrent-groups.ts";
import type { LocalGroup } from "../groups/local-group.ts";
import { DONE } from "./done.ts";
import type { RecordedSearch } from "./recorded-search.ts";

export interface SettlingWriterParts {
  readonly connection: Connection;
  readonly groups: KurrentGroups;
  readonly search: RecordedSearch;
  /** Writes what is no settlement. */
  readonly write: (items: readonly WriteItem[]) => Promise<WriteResult>;
}

interface Part extends SettleItem {
  readonly local: LocalGroup;
}

/** Settles deliveries: behind the events of the same write, so that a process that ends in between does the work again and loses none of it. */
export class SettlingWriter {
  readonly #parts: SettlingWriterParts;

  constructor(parts: SettlingWriterParts) {
    this.#parts = parts;
  }

  /** Errors: `group-not-found`, `delivery-lost`, and those of what else is written. */
  async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const { groups, connection, write } = this.#parts;
    const settles = items.filter((item) => item.kind === "settle");
    const others = items.filter((item) => item.kind !== "settle");
    const parts = await Promise.all(
      settles.map(async (item): Promise<Part> => Object.assign({}, item, { local: await groups.local(item.group) })),
    );
    const isRepeated = !(await this.#areHeld(parts, others));
    if (others.length === 0) {
      settle(parts);
      return DONE;
    }
    const { retryForMs, answerTimeoutMs } = connection.settings;
    // No lease ends while its events are written.
    if (!isRepeated) for (const { local, deliveries } of parts) local.extend(deliveries, retryForMs + answerTimeoutMs);
    const result = await write(others);
    settle(result.repeated ? parts.map(heldOf) : parts);
    return result;
  }

  /** Whether all deliveries are held; not where the events of the write are there already. Errors: `delivery-lost`. */
  async #areHeld(parts: readonly Part[], others: readonly WriteItem[]): Promise<boolean> {
    try {
      for (const { local, deliveries } of parts) local.entries.refuseLost(deliveries);
      return true;
    } catch (error) {
      if (!(error instanceof DeliveryLost) || (await this.#parts.search.outcome(appendsOf(others))) === undefined) throw error;
      return false;
    }
  }
}

/** All or none of them. Errors: `delivery-lost`. */
function settle(parts: readonly Part[]): void {
  for (const { local, deliveries } of parts) local.entries.refuseLost(deliveries);
  for (const { local, deliveries } of parts) local.settle(deliveries);
}

function heldOf(part: Part): Part {
  return { ...part, deliveries: part.deliveries.filter((delivery) => part.local.entries.isHeld(delivery)) };
}
