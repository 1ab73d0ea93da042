import { yieldToLoop } from "@reactive-domain/core";
import type { EventBatch } from "@reactive-domain/persistence";
import type { SnapshotPageRequest, WantedSnapshot } from "@reactive-domain/persistence/adapter";
import { StoreDriver } from "./store-driver.ts";

/** Asks for another snapshot than its reader did. */
abstract class WantsOtherwise extends StoreDriver {
  override async readBehindSnapshot(request: SnapshotPageRequest): Promise<EventBatch> {
    return super.readBehindSnapshot({ ...request, snapshot: await this.wanted(request) });
  }

  protected abstract wanted(request: SnapshotPageRequest): WantedSnapshot | Promise<WantedSnapshot>;
}

/** Begins behind a snapshot of any schema version. */
export class IgnoresTheSchema extends WantsOtherwise {
  protected async wanted({ source, snapshot }: SnapshotPageRequest): Promise<WantedSnapshot> {
    return { ...snapshot, schemaVersion: (await this.snapshot(source.stream))?.schemaVersion ?? snapshot.schemaVersion };
  }
}

/** Begins behind a snapshot that is behind the end of the read. */
export class IgnoresTheEnd extends WantsOtherwise {
  protected wanted({ snapshot }: SnapshotPageRequest): WantedSnapshot {
    return { ...snapshot, maxVersion: Number.MAX_SAFE_INTEGER };
  }
}

/** Begins behind a snapshot although it has the event behind it that its reader asked for. */
export class IgnoresTheEvent extends WantsOtherwise {
  protected wanted({ snapshot }: SnapshotPageRequest): WantedSnapshot {
    return { ...snapshot, unlessRecorded: undefined };
  }
}

/** Begins behind whatever snapshot there is, wherever its stream is. */
export class TakesAnySnapshot extends StoreDriver {
  override async readBehindSnapshot(request: SnapshotPageRequest): Promise<EventBatch> {
    const snapshot = await this.snapshot(request.source.stream);
    const { schemaVersion, maxVersion } = request.snapshot;
    if (snapshot === undefined || snapshot.schemaVersion !== schemaVersion || snapshot.version > maxVersion) return this.readPage(request);
    return { ...(await this.readPage({ ...request, from: snapshot.version + 1 })), snapshot };
  }
}

/** Gives the event at the version of the snapshot once more. */
export class RepeatsTheLastEvent extends StoreDriver {
  override async readBehindSnapshot(request: SnapshotPageRequest): Promise<EventBatch> {
    const page = await super.readBehindSnapshot(request);
    const { snapshot } = page;
    return snapshot === undefined ? page : { ...(await this.readPage({ ...request, from: snapshot.version })), snapshot };
  }
}

/** Looks at the snapshot first, and at the events later. */
export class ReadsInTwoSteps extends StoreDriver {
  override async readBehindSnapshot(request: SnapshotPageRequest): Promise<EventBatch> {
    const { snapshot } = await super.readBehindSnapshot(request);
    await yieldToLoop();
    if (snapshot === undefined) return this.readPage(request);
    return { ...(await this.readPage({ ...request, from: snapshot.version + 1 })), snapshot };
  }
}
