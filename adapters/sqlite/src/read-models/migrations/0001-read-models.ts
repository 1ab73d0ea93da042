/** No item that was deleted had a greater version than `last_version`. */
export const readModels = `
CREATE TABLE read_models (
  name TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  shape TEXT NOT NULL,
  last_version INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (name, schema_version)
) STRICT, WITHOUT ROWID`;
