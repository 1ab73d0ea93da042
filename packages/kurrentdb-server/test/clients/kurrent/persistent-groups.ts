import {
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
  type PersistentSubscriptionToAllSettings,
  type PersistentSubscriptionToStreamSettings,
} from "@kurrent/kurrentdb-client";

/** Settings of a persistent subscription that begins with the first event. */
export function ofStream(changes: Partial<PersistentSubscriptionToStreamSettings> = {}): PersistentSubscriptionToStreamSettings {
  return persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, ...changes });
}

export function ofAll(changes: Partial<PersistentSubscriptionToAllSettings> = {}): PersistentSubscriptionToAllSettings {
  return persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START, ...changes });
}
