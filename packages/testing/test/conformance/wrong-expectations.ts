import { StreamTombstoned, WrongExpectedVersion, type ExpectItem, type WriteItem, type WriteResult } from "@reactive-domain/persistence";
import { StoreDriver } from "./store-driver.ts";

const NOTHING: WriteResult = { position: null, streams: [], repeated: false };

const isExpectation = (item: WriteItem): item is ExpectItem => item.kind === "expect";

/** Knows what it is to append and to delete, and passes everything else over. */
export class PassesExpectationsOver extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const rest = items.filter((item) => !isExpectation(item));
    return rest.length === 0 ? NOTHING : super.write(rest);
  }
}

/** Looks at what is expected first, and writes when others have had their turn. */
export class LooksBeforeItWrites extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const expectations = items.filter(isExpectation);
    if (expectations.length > 0) await super.write(expectations);
    const rest = items.filter((item) => !isExpectation(item));
    return rest.length === 0 ? NOTHING : super.write(rest);
  }
}

/** Goes by the last version there ever was. */
export class ExpectsTheDeleted extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    for (const { stream, expectedVersion: expected } of items.filter(isExpectation)) {
      const { lastVersion } = await this.streamInfo(stream);
      if (expected === "noStream" && lastVersion !== null) throw new WrongExpectedVersion(stream, expected, lastVersion);
    }
    return super.write(items);
  }
}

/** Takes a stream that was deleted for ever for none. */
export class ExpectsTheTombstoned extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    try {
      return await super.write(items);
    } catch (error) {
      const expectations = items.filter(isExpectation);
      if (!(error instanceof StreamTombstoned) || expectations.length < items.length) throw error;
      return NOTHING;
    }
  }
}

/** Makes the stream that it looks at. */
export class MakesWhatItLooksAt extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const result = await super.write(items);
    for (const { stream, expectedVersion } of items.filter(isExpectation))
      if (expectedVersion === "noStream") await super.write([{ kind: "tombstone", stream, expectedVersion: "any" }]);
    return result;
  }
}
