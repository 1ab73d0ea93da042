import { InvalidArgument } from "@reactive-domain/core";
import type { EventBase, MessageClass } from "@reactive-domain/messaging";
import type { OwnTables } from "@reactive-domain/persistence";
import type { EventContext } from "../listeners/event-context.ts";
import { ClassRoutes } from "./class-routes.ts";
import { checkedOptions, checkRoute, type Projection, type ProjectionOptions } from "./projection.ts";
import type { TablePlace } from "./table-place.ts";
import type { TableTask } from "./task.ts";

/** What a handler of a projection of tables is told beside the event. */
export interface TableContext<C> extends EventContext, TablePlace<C> {}

/** Changes the projection's tables, within the transaction that moves its checkpoint. In SQLite it is synchronous; in PostgreSQL it is awaited. */
export type TableHandler<E, C> = (event: E, context: TableContext<C>) => unknown;

/** What a projection of tables says of itself. */
export interface TableProjectionOptions<C> extends ProjectionOptions {
  /** Its tables: 1 to 20 names of small letters, digits and single underscores. */
  readonly tables: readonly string[];
  /** Makes them, and what belongs to them, under the names that `table` gives. */
  readonly create: (place: TablePlace<C>) => unknown;
  /** Events that share it are handled in the order of the log, in whichever lane. Default: the stream. */
  readonly keyOf?: (event: EventBase, context: EventContext) => string;
  /** Removes what was made of the events of a key, so that it can be built anew alone. Default: it cannot. */
  readonly forget?: (key: string, place: TablePlace<C>) => unknown;
}

interface Route {
  readonly eventClass: MessageClass<EventBase>;
  readonly handler: (event: never, context: never) => unknown;
}

/** A projection to tables, by SQL. Each `on` gives a new one. */
export class TableProjection<C> implements Projection<C> {
  readonly name: string;
  readonly version: number;
  readonly source: ProjectionOptions["source"];
  readonly onCommitted: ProjectionOptions["onCommitted"];
  readonly shape: OwnTables<C>;
  readonly forget: TableProjectionOptions<C>["forget"];
  readonly #options: TableProjectionOptions<C>;
  readonly #routes: ClassRoutes<Route>;

  constructor(name: string, options: TableProjectionOptions<C>, routes: readonly Route[]) {
    const { version, source, onCommitted } = checkedOptions(options);
    const { tables, create, forget } = options;
    this.name = name;
    this.version = version;
    this.source = source;
    this.onCommitted = onCommitted;
    this.shape = { kind: "tables", tables, create: (connection, table) => create({ connection, table }) };
    this.forget = forget;
    this.#options = options;
    this.#routes = new ClassRoutes(routes);
  }

  get eventClasses(): readonly MessageClass<EventBase>[] {
    return this.#routes.classes;
  }

  /** Handles events of a class, and of those that derive from it. Errors: `invalid-argument`. */
  on<E extends EventBase>(eventClass: MessageClass<E>, handler: TableHandler<E, C>): TableProjection<C> {
    checkRoute(eventClass, { handler });
    return new TableProjection<C>(this.name, this.#options, [...this.#routes.all, { eventClass, handler }]);
  }

  tasksOf(event: EventBase, context: EventContext): readonly TableTask<C>[] {
    const routes = this.#routes.of(event);
    if (routes.length === 0) return [];
    const key: unknown = this.#options.keyOf?.(event, context) ?? context.stream;
    if (typeof key !== "string" || key === "" || !key.isWellFormed() || key.includes("\0"))
      throw new InvalidArgument("What keyOf tells", "well-formed text that is not empty, without NUL", key);
    return routes.map(({ handler }) => ({
      kind: "tables",
      key,
      event,
      context,
      run: (place) => handler(event as never, new PlacedContext(context, place) as never),
    }));
  }
}

/** A context with the place that SQL goes to. */
class PlacedContext<C> implements TableContext<C> {
  readonly connection: C;
  readonly table: (name: string) => string;
  readonly #context: EventContext;

  constructor(context: EventContext, { connection, table }: TablePlace<C>) {
    this.#context = context;
    this.connection = connection;
    this.table = table;
  }

  get stream(): EventContext["stream"] {
    return this.#context.stream;
  }

  get version(): EventContext["version"] {
    return this.#context.version;
  }

  get position(): EventContext["position"] {
    return this.#context.position;
  }

  get time(): EventContext["time"] {
    return this.#context.time;
  }

  get checkpoint(): EventContext["checkpoint"] {
    return this.#context.checkpoint;
  }

  get metadata(): EventContext["metadata"] {
    return this.#context.metadata;
  }
}

/**
 * Begins a projection to tables: say by {@link TableProjection.on} what events change in them, by SQL on the connection that is handed over, or by any query builder on it. `C` is
 * that connection: `Database` of better-sqlite3, `PoolClient` of pg.
 *
 * Errors: `invalid-argument`.
 *
 * @example
 * export const balances = projectTables<Database>("balances", {
 *   tables: ["balances"],
 *   create: ({ connection, table }) => connection.exec(`CREATE TABLE ${table("balances")} (account TEXT PRIMARY KEY, cents INTEGER NOT NULL)`),
 * }).on(AccountOpened, ({ accountId }, { connection, table }) => connection.prepare(`INSERT INTO ${table("balances")} VALUES (?, 0)`).run(accountId));
 */
export function projectTables<C>(name: string, options: TableProjectionOptions<C>): TableProjection<C> {
  checkRoute(projectTables, { create: options?.create });
  return new TableProjection<C>(name, options, []);
}
