import { expect, test } from "vitest";
import { shelveUntil } from "./ask";

const now = Date.parse("2026-11-22T08:00:00Z");

test("an alert is shelved for a set time, or until a time in Viet Nam within a day", () => {
  expect(shelveUntil("15", "", now)).toBe("2026-11-22T08:15:00.000Z");
  expect(shelveUntil("480", "", now)).toBe("2026-11-22T16:00:00.000Z");
  expect(shelveUntil("custom", "2026-11-22T16:30", now)).toBe("2026-11-22T09:30:00.000Z");
});

test("no time, a past one and one beyond a day are refused", () => {
  for (const wrong of ["", "2026-11-22T15:00", "2026-11-23T15:01", "mai"]) expect(shelveUntil("custom", wrong, now), wrong).toBeNull();
});
