import { expect, test } from "vitest";
import { shelveUntil } from "./ask";

const now = Date.parse("2026-11-22T08:00:00Z");

test("an alert is shelved for a set time, or for minutes of one's own within a day", () => {
  expect(shelveUntil("15", null, now)).toBe("2026-11-22T08:15:00.000Z");
  expect(shelveUntil("480", null, now)).toBe("2026-11-22T16:00:00.000Z");
  expect(shelveUntil("custom", 90, now)).toBe("2026-11-22T09:30:00.000Z");
  expect(shelveUntil("custom", 1440, now)).toBe("2026-11-23T08:00:00.000Z");
});

test("no time and one beyond a day are refused", () => {
  for (const wrong of [null, 0, -5, 1441, Number.NaN]) expect(shelveUntil("custom", wrong, now), String(wrong)).toBeNull();
});
