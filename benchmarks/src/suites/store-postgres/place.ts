/** The server that is measured, from the environment: the suite makes schemas in this database and drops them. */
export function databaseUrl(): string {
  const url = process.env["BENCH_POSTGRES_URL"];
  if (url === undefined || url === "") {
    throw new Error("No database to measure: set BENCH_POSTGRES_URL to an address such as postgres://postgres@127.0.0.1:5432/test.");
  }
  return url;
}

/** The name of a schema of this process. */
export function schemaOf(purpose: string): string {
  return `bench_${purpose}_${process.pid}`;
}
