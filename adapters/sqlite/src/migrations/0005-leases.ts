/** The lease that was given out last under each name; without an owner when it was given back. It stays, so that fences grow. */
export const leases = `
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  owner TEXT,
  fence INTEGER NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
