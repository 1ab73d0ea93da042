import { defineListing } from "@reactive-domain/messaging";
import { defineReadModels } from "@reactive-domain/persistence";

export const accounts = defineReadModels("account-views", {
  listing: defineListing({ key: "accountId", fields: { accountId: "string", owner: "string" } }),
  indexes: [["owner"]],
});
