import type { ExpectedItemVersion } from "@reactive-domain/persistence";
import { isAsExpected } from "@reactive-domain/persistence/adapter";
import type {
  ChangeOutcome,
  DeleteOutcome,
  ReadModelDriver,
  ReadModelRow,
  ReadModelShape,
  ReadModelTable,
} from "@reactive-domain/persistence/adapter";
import type { Database } from "better-sqlite3";
import { durabilityOf } from "../durability.ts";
import { FileAccess, type FileAccessOptions } from "./file-access.ts";
import { ItemStatements } from "./item-statements.ts";
import { dropTable, isMade, makeTable } from "./make-table.ts";
import { SqliteProjections } from "./projections/sqlite-projections.ts";

/** Read models on one connection. */
export class SqliteReadModels implements ReadModelDriver<Database> {
  readonly name: string;
  readonly durability: string;
  readonly projections: SqliteProjections;
  readonly #database: Database;
  readonly #access: FileAccess;

  constructor(options: FileAccessOptions) {
    const { database, name, runtime } = options;
    this.name = name;
    this.durability = durabilityOf(database);
    this.#database = database;
    this.#access = new FileAccess(options);
    this.projections = new SqliteProjections({ database, name, runtime, access: this.#access });
  }

  async table(shape: ReadModelShape): Promise<ReadModelTable> {
    const access = this.#access;
    if (!(await access.reading(() => isMade(this.#database, shape, this.name))))
      await access.changing(() => makeTable(this.#database, shape, this.name));
    const items = await access.reading(() => new ItemStatements(this.#database, shape));
    return {
      get: (key) => access.looking(() => items.get(key)),
      put: (row, expected) => access.changing(() => put(items, row, expected)),
      delete: (key, expected) => access.changing(() => remove(items, key, expected)),
      find: (plan) => access.reading(() => items.find(plan)),
    };
  }

  discard(name: string, schemaVersion: number): Promise<boolean> {
    return this.#access.changing(() => dropTable(this.#database, { name, schemaVersion }, this.name));
  }

  close(): Promise<void> {
    return this.#access.close();
  }
}

function put(items: ItemStatements, row: ReadModelRow, expected: ExpectedItemVersion): ChangeOutcome {
  const actual = expected === "any" ? null : items.versionOf(row.key);
  if (!isAsExpected(actual, expected)) return { actual };
  return { version: items.put(row) };
}

function remove(items: ItemStatements, key: ReadModelRow["key"], expected: ExpectedItemVersion): DeleteOutcome {
  const actual = expected === "any" ? null : items.versionOf(key);
  if (!isAsExpected(actual, expected)) return { actual };
  return { existed: items.delete(key) };
}
