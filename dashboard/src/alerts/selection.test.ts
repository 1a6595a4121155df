import { expect, test } from "vitest";
import { extend, keepShown, NOTHING_SELECTED, selectAll, toggle } from "./selection";

const shown = ["a", "b", "c", "d", "e"];
const ids = (selection: { ids: ReadonlySet<string> }) => [...selection.ids].sort().join("");

test("a row is selected and let go", () => {
  const one = toggle(NOTHING_SELECTED, "b");
  expect(ids(one)).toBe("b");
  expect(ids(toggle(one, "b"))).toBe("");
});

test("a range goes from the row chosen last to this one, up and down, and keeps what was selected", () => {
  const two = toggle(toggle(NOTHING_SELECTED, "e"), "c");
  expect(ids(extend(two, shown, "a"))).toBe("abce");
  expect(ids(extend(extend(two, shown, "a"), shown, "d"))).toBe("abcde");
});

test("a range without a beginning is the one row", () => {
  expect(ids(extend(NOTHING_SELECTED, shown, "d"))).toBe("d");
  expect(ids(extend({ ids: new Set(), anchor: "gone" }, shown, "d"))).toBe("d");
  expect(ids(extend(NOTHING_SELECTED, shown, "gone"))).toBe("");
});

test("what left the list is not selected any more", () => {
  expect(ids(keepShown(selectAll(shown), ["a", "c", "x"]))).toBe("ac");
  const same = selectAll(shown);
  expect(keepShown(same, shown)).toBe(same);
});
