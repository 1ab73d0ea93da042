import { metadataKey, type MetadataKey } from "@reactive-domain/messaging";

/**
 * The token that a query demands to be answered after: what `tokenOf` or `mergeTokens` made. A handler made by {@link answerFrom} heeds it; any other passes it over.
 *
 * @example
 * const { balance } = await queries.ask(readAfter.write(new BalanceOf({ accountId }), token));
 */
export const readAfter: MetadataKey<string> = metadataKey<string>("readAfter");
