import { StoreUnavailable } from "@reactive-domain/persistence";

/** In SQL, whether a file counts no migration and yet has tables, as of one moment: others may be making a store of it. */
export const HAS_LOST_VERSION = "SELECT user_version = 0 AND EXISTS (SELECT 1 FROM sqlite_schema) FROM pragma_user_version";

/** A store whose schema version no program has written. */
export class ImpossibleVersion extends StoreUnavailable {
  /** What is wrong, as a sentence. */
  readonly problem: string;

  constructor(file: string, version: number) {
    super(file, `is damaged: its schema version is ${version}; restore it from a backup`, { retryable: false });
    this.problem = `The schema version is ${version}, which no store has: restore it from a backup; see the guide.`;
  }
}
