import { expect, test } from "vitest";
import { axisTop, bars, levelOf } from "./chart";

test("a bar shows the worst of its windows, so that no flood is averaged away", () => {
  const counts = [0, 1, 40, 0, 2, 0];
  expect(bars(counts, 1, 3).map((bar) => bar.worst)).toEqual([1, 40, 2]);
  expect(bars(counts, 2, 100).map((bar) => bar.worst)).toEqual([0, 0.5, 20, 0, 1, 0]);
  expect(bars(counts, 1, 3).map((bar) => bar.fromMs)).toEqual([0, 1_200_000, 2_400_000]);
  expect(bars([], 1, 10)).toEqual([]);
});

test("the axis shows the limit of a flood always, and is cut off before it hides the small ones", () => {
  expect(axisTop([])).toBe(12);
  expect(axisTop([{ fromMs: 0, worst: 17.2 }])).toBe(18);
  expect(axisTop([{ fromMs: 0, worst: 900 }])).toBe(30);
});

test("one is manageable, more than ten is a flood", () => {
  expect([0, 1, 1.1, 10, 10.5].map(levelOf)).toEqual(["calm", "calm", "busy", "busy", "flood"]);
});
