import { expect, test } from "vitest";
import { readKept } from "./kept";

const kept = { person: "u1", at: 1_795_334_400_000, inbox: { items: [], next_cursor: null } };

test("what was kept is shown only to the person whose it is", () => {
  expect(readKept(JSON.stringify(kept), "u1")).toEqual(kept);
  expect(readKept(JSON.stringify(kept), "u2")).toBeNull();
});

test("what is broken is left out", () => {
  for (const text of [null, "", "{", "null", "{}", JSON.stringify({ ...kept, inbox: {} })]) expect(readKept(text, "u1")).toBeNull();
});
