import type { CopyProgress, StoreRecord, TransferPart, TransferStatus } from "@reactive-domain/persistence";
import type { EventStore, WriteItem, WriteResult } from "@reactive-domain/persistence";
import type { TransferDriver } from "@reactive-domain/persistence/adapter";
import { InnerTransfer } from "./inner-transfer.ts";
import { StoreDriver } from "./store-driver.ts";

/** Changes the records that are handed out, or leaves some out. */
type ChangeRecord = (record: StoreRecord) => StoreRecord | undefined;
/** Changes a part on its way in, or passes it over. */
type ChangePart = (part: TransferPart) => TransferPart | undefined;

/** Hands out other records than there are. */
export function handsOut(change: ChangeRecord): StoreDriver {
  class ChangesRecords extends InnerTransfer {
    override async *records(): AsyncIterable<readonly StoreRecord[]> {
      for await (const { records } of this.inner.records()) yield records.flatMap((record) => change(record) ?? []);
    }
  }
  return transferring((inner, committed) => new ChangesRecords(inner, committed));
}

/** Takes other parts than it is given. */
export function takesIn(change: ChangePart): StoreDriver {
  class ChangesParts extends InnerTransfer {
    override async take(part: TransferPart): Promise<CopyProgress> {
      const changed = change(part);
      return changed === undefined ? ((await this.inner.status()).copy ?? NOTHING) : super.take(changed);
    }
  }
  return transferring((inner, committed) => new ChangesParts(inner, committed));
}

/** Tells another status than it has. */
export function tells(change: (status: TransferStatus) => TransferStatus): StoreDriver {
  class ChangesStatus extends InnerTransfer {
    override async status(): Promise<TransferStatus> {
      return change(await super.status());
    }
  }
  return transferring((inner, committed) => new ChangesStatus(inner, committed));
}

/** Lets others write to a copy that is not whole yet, beside it. */
export class LetsOthersWrite extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const { copy } = await this.inner.transfer.status();
    return copy?.isLevel === false ? { position: null, streams: [], repeated: true } : super.write(items);
  }
}

/** Takes parts of a copy that was written since, as if nothing had happened. */
export class TakesOnAndOn extends StoreDriver {
  override readonly transfer: TransferDriver = new NeverRefuses(this.inner.transfer, () => this.committed());
}

class NeverRefuses extends InnerTransfer {
  override async take(part: TransferPart): Promise<CopyProgress> {
    return super.take(part).catch(() => NOTHING);
  }
}

const NOTHING: CopyProgress = { upTo: null, round: null, nextPart: 0, isLevel: false };

function transferring(make: (inner: EventStore["transfer"], committed: () => void) => TransferDriver): StoreDriver {
  class Transfers extends StoreDriver {
    override readonly transfer: TransferDriver = make(this.inner.transfer, () => this.committed());
  }
  return new Transfers();
}
