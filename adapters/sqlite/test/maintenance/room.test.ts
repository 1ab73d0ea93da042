import { expect, test } from "vitest";
import { findShortage } from "../../src/maintenance/room.ts";

test("places on different disks each need their own room", () => {
  const [one, other] = [
    { folder: "/data", disk: 1, freeBytes: 100, neededBytes: 100 },
    { folder: "/tmp", disk: 2, freeBytes: 100, neededBytes: 100 },
  ];
  expect(findShortage([one, other])).toBeUndefined();
  expect(findShortage([one, { ...other, freeBytes: 99 }])).toMatchObject({ folder: "/tmp", neededBytes: 100 });
});

test("places on one disk need its room together", () => {
  const claims = ["/data", "/tmp"].map((folder) => ({ folder, disk: 1, freeBytes: 150, neededBytes: 100 }));
  expect(findShortage(claims)).toEqual({ folder: "/data", disk: 1, freeBytes: 150, neededBytes: 200 });
});
