import { InvalidArgument } from "@reactive-domain/core";
import { ForeignStore, ProjectionNotFound, type GenerationStatus, type ProjectionMaking } from "@reactive-domain/persistence";
import { makingText, refuseOtherMaking, type ReadModelShape } from "@reactive-domain/persistence/adapter";
import type { PoolClient } from "pg";
import { run } from "../../database.ts";
import { quoted } from "../../schema/names.ts";
import { alone, indexesSql, isThere, makeTable, makeWithin, nameTaken, tableSql, type TableMaking } from "../make-table.ts";
import { TableNames } from "../table-names.ts";
import { liveIn, type KeptProjection } from "./kept-projection.ts";
import { runWithin, tableNamer } from "./own-work.ts";
import { ownName } from "./projection-names.ts";
import type { ProjectionPlace } from "./projection-place.ts";
import { makeStateTables } from "./state-tables.ts";

type Making = ProjectionMaking<PoolClient>;
type OwnTables = Extract<Making["shape"], { readonly kind: "tables" }>;

/** A generation that is to be made. */
interface NewGeneration {
  readonly making: Making;
  readonly generation: number;
  readonly status: GenerationStatus;
}

/** Makes generations with their tables: each within a transaction, one after another, whoever makes them. */
export class GenerationMaker {
  readonly #place: ProjectionPlace;

  constructor(place: ProjectionPlace) {
    this.#place = place;
  }

  /** Errors: those of the port, PostgreSQL's own. */
  async define(client: PoolClient, making: Making): Promise<KeptProjection> {
    const known = await this.#place.find(client, making.name);
    if (known === undefined) return this.#alone(client, () => this.#defineAlone(client, making));
    this.#refuseOther(known, making);
    await this.#makeIndexes(client, known, making);
    return known;
  }

  /** Errors: those of the port, PostgreSQL's own. */
  async build(client: PoolClient, making: Making): Promise<KeptProjection> {
    const known = await this.#place.find(client, making.name);
    if (known === undefined) throw new ProjectionNotFound(making.name, this.#place.where);
    this.#refuseOther(known, making);
    if (known.record.generations.some(({ status }) => status === "building")) return known;
    return this.#alone(client, async () => {
      await this.#place.lock(client, making.name);
      const now = await this.#place.get(client, making.name);
      if (now.record.generations.some(({ status }) => status === "building")) return now;
      const { projections } = this.#place.names;
      const [row] = await run(
        client,
        `UPDATE ${projections} SET last_generation = last_generation + 1 WHERE name = $1 RETURNING last_generation`,
        [making.name],
      );
      await this.#make(client, { making, generation: Number(row?.[0]), status: "building" }, now);
      return this.#place.get(client, making.name);
    });
  }

  async #alone<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
    try {
      return await alone(client, work);
    } catch (error) {
      throw nameTaken(error, this.#place.where);
    }
  }

  async #defineAlone(client: PoolClient, making: Making): Promise<KeptProjection> {
    await makeStateTables(client, this.#place.place);
    const known = await this.#place.kept.find(client, making.name);
    if (known === undefined) {
      await run(client, `INSERT INTO ${this.#place.names.projections} (name, last_generation) VALUES ($1, 1)`, [making.name]);
      await this.#make(client, { making, generation: 1, status: "live" }, undefined);
    } else this.#refuseOther(known, making);
    return this.#place.get(client, making.name);
  }

  async #make(client: PoolClient, made: NewGeneration, known: KeptProjection | undefined): Promise<void> {
    const { making, generation, status } = made;
    const { shape } = making;
    const tables =
      shape.kind === "documents"
        ? await this.#makeDocuments(client, { ...made, shape: shape.shape }, known)
        : await this.#makeOwn(client, { ...made, shape }, known);
    const documents = shape.kind === "documents" ? shape.shape : undefined;
    const { projections, generations, lanes } = this.#place.names;
    await run(
      client,
      `INSERT INTO ${generations} (projection, generation, status, version, making, model, schema_version, indexes, own_tables, tables)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        making.name,
        generation,
        status,
        making.version,
        makingText(shape),
        documents?.name,
        documents?.schemaVersion,
        documents && JSON.stringify(documents.indexes),
        shape.kind === "tables" ? shape.tables : undefined,
        tables,
      ],
    );
    await run(
      client,
      `INSERT INTO ${lanes} (projection, generation, lane, revision) SELECT name, $2::integer, 0, revision FROM ${projections} WHERE name = $1`,
      [making.name, generation],
    );
  }

  async #makeDocuments(
    client: PoolClient,
    { making, generation, status, shape }: NewGeneration & { readonly shape: ReadModelShape },
    known: KeptProjection | undefined,
  ): Promise<readonly string[]> {
    await this.#refuseModelOfOthers(client, making.name, shape);
    await makeWithin(this.#making(client), shape);
    const plain = new TableNames(this.#place.place, shape);
    const isOwn = known?.generations.some(({ tables }) => tables.includes(plain.bareTable)) ?? false;
    if (!isOwn) await this.#place.refuseItems(client, shape.name, plain.table);
    if (status === "live") return [plain.bareTable];
    const names = new TableNames(this.#place.place, shape, generation);
    await client.query([tableSql(names, shape), ...indexesSql(names, shape)].join(";\n"));
    return [names.bareTable];
  }

  async #makeOwn(
    client: PoolClient,
    { making, generation, status, shape }: NewGeneration & { readonly shape: OwnTables },
    known: KeptProjection | undefined,
  ): Promise<readonly string[]> {
    const { place } = this.#place;
    const suffix = status === "live" ? undefined : generation;
    const named = (number: number | undefined): readonly string[] => shape.tables.map((name) => ownName(place, name, number));
    const own = new Set(known?.generations.flatMap(({ tables }) => tables));
    await this.#refuseTablesOfOthers(client, making.name, shape.tables);
    for (const table of new Set([...named(undefined), ...named(suffix)])) if (!own.has(table)) await this.#refuseTaken(client, table);
    const before = await this.#relations(client);
    await runWithin(client, shape.create, tableNamer(place, shape.tables, suffix));
    const made = (await this.#relations(client)).filter((name) => !before.includes(name));
    this.#refuseOtherTables(making.name, named(suffix), made);
    return named(suffix);
  }

  #refuseOtherTables(projection: string, wanted: readonly string[], made: readonly string[]): void {
    const expected = `SQL that makes ${wanted.join(", ")} in ${this.#place.where}, and no other table`;
    const missing = wanted.find((name) => !made.includes(name));
    const other = made.find((name) => !wanted.includes(name));
    if (missing !== undefined)
      throw new InvalidArgument(
        `The create of projection ${projection}`,
        expected,
        made,
        "Nothing was made. Use table(name) for each of its tables.",
      );
    if (other !== undefined)
      throw new InvalidArgument(`The create of projection ${projection}`, expected, other, "Nothing was made. List it among its tables.");
  }

  /** Tables and views of the schema. */
  async #relations(client: PoolClient): Promise<readonly string[]> {
    const rows = await run(
      client,
      `SELECT relname FROM pg_catalog.pg_class WHERE relnamespace = $1::text::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT relispartition`,
      [quoted(this.#place.place.schema)],
    );
    return rows.map(([name]) => name ?? "");
  }

  async #refuseTaken(client: PoolClient, table: string): Promise<void> {
    if (await isThere(client, this.#place.whole(table)))
      throw new ForeignStore(this.#place.where, `has something of the name ${table} already`, "It was not changed. Choose another name.");
  }

  async #refuseModelOfOthers(client: PoolClient, projection: string, { name, schemaVersion }: ReadModelShape): Promise<void> {
    const isSame = "model = $1 AND schema_version = $2 AND projection <> $3";
    const [row] = await run(client, `SELECT projection FROM ${this.#place.names.generations} WHERE ${isSame} LIMIT 1`, [
      name,
      schemaVersion,
      projection,
    ]);
    if (row !== undefined)
      throw new ForeignStore(
        this.#place.where,
        `has ${name} as what projection ${row[0]} makes`,
        "It was not changed. Choose another name.",
      );
  }

  async #refuseTablesOfOthers(client: PoolClient, projection: string, tables: readonly string[]): Promise<void> {
    const isSame = "own_tables && $1::text[] AND projection <> $2";
    const [row] = await run(client, `SELECT projection FROM ${this.#place.names.generations} WHERE ${isSame} LIMIT 1`, [
      tables,
      projection,
    ]);
    if (row !== undefined)
      throw new ForeignStore(
        this.#place.where,
        `has a table of ${tables.join(", ")} as what projection ${row[0]} makes`,
        "It was not changed. Choose other names.",
      );
  }

  /** Errors: `read-model-redefined`. */
  #refuseOther({ generations }: KeptProjection, making: Making): void {
    const kept = generations.map((one) => ({ version: one.record.version, making: one.making }));
    refuseOtherMaking(making, kept, this.#place.where);
  }

  /** What a definition has more indexes than before is made on the live table, too. */
  async #makeIndexes(client: PoolClient, known: KeptProjection, { shape }: Making): Promise<void> {
    const live = liveIn(known, this.#place.where);
    if (shape.kind === "documents" && live.making === makingText(shape)) await makeTable(this.#making(client), shape.shape);
  }

  #making(client: PoolClient): TableMaking {
    return { client, place: this.#place.place, where: this.#place.where };
  }
}
