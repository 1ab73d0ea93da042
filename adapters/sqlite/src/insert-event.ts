/** In SQL, an event with all of its columns, bound in this order. */
export const INSERT_EVENT =
  "INSERT INTO events (position, stream_id, version, type, category, schema_version, time, id, content_type, metadata, data) " +
  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
