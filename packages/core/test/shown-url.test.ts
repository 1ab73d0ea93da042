import { shownUrl } from "@reactive-domain/core";
import { expect, test } from "vitest";

test.each([
  ["postgres://ann:secret@db:5432/bank", "postgres://ann:***@db:5432/bank"],
  ["postgres://:secret@/bank?host=/run", "postgres://:***@/bank?host=/run"],
  ["postgres://ann:s:e/c@r?e#t@db/bank", "postgres://ann:***@db/bank"],
  ["postgres://ann@db/bank?password=secret&schema=a", "postgres://ann@db/bank?password=***&schema=a"],
  ["postgres://ann@db/bank?schema=a&sslPassword=secret", "postgres://ann@db/bank?schema=a&sslPassword=***"],
])("of %s the password is not shown", (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
});

test.each(["postgres://ann@db:5432/bank?schema=a", "sqlite:C:/bank@home.db", "memory", "not a url: a@b", ""])(
  "%s is shown as it is",
  (url) => {
    expect(shownUrl(url)).toBe(url);
  },
);
