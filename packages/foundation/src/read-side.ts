export { ForeignToken, InvalidToken } from "./consistency/errors.ts";
export type { Written } from "./consistency/token-of.ts";
export { mergeTokens } from "./consistency/token.ts";
export {
  ObservableProperty,
  type ObservablePropertyOptions,
  type PropertyChangesOptions,
  type PropertySubscriber,
  type ReadableProperty,
  type SetOptions,
} from "./read-models/observable-property.ts";
export { PropertyUnsettled } from "./read-models/property-unsettled.ts";
