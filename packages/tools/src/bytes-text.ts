const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** A size for people: exact below 1 KiB, with one decimal above. */
export function bytesText(bytes: number): string {
  const power = Math.min(bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1024 ** power).toFixed(1)} ${UNITS[power]}`;
}
