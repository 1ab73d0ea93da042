import { temporarySchema } from "@reactive-domain/test-servers";

/** The URL of a store that is not made yet, in a schema that is dropped when the test has finished. */
export function storePlace(server: string): string {
  const url = new URL(server);
  url.searchParams.set("schema", temporarySchema(server));
  return url.href;
}
