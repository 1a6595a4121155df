import { expect, test } from "vitest";
import { en } from "./i18n/en";
import { vi } from "./i18n/vi";
import { type Reason, reasonText } from "./reason";

const fact = (measure: string, value: number, unit: string, more = {}) => ({
  measure,
  value,
  unit,
  threshold: null,
  plus_minus: null,
  ...more,
});

test("a reason reads as a sentence in either language, with figures as that language writes them", () => {
  const why: Reason = { facts: [fact("dwell", 31.24, "s", { threshold: 30 })], ended: null, note: null };
  expect(reasonText(why, vi, "vi")).toBe("ở trong vùng 31,2 giây (ngưỡng 30 giây)");
  expect(reasonText(why, en, "en")).toBe("inside the zone for 31.2 s (threshold 30 s)");
});

test("an uncertain value says how uncertain, a share is a percentage, a count has no unit", () => {
  const facts = [
    fact("speed", 63.4, "km/h", { threshold: 50, plus_minus: 4 }),
    fact("sharpness", 0.12, "1", { threshold: 0.4 }),
    fact("people", 14, "1", { threshold: 10 }),
  ];
  expect(reasonText({ facts, ended: "left", note: null }, en, "en")).toBe(
    "speed 63.4 km/h ± 4 km/h (threshold 50 km/h); sharpness against the usual 12% (threshold 40%); " +
      "people: 14 (threshold 10); left or came back",
  );
});

test("what this dashboard has no words for is shown as it came", () => {
  const why: Reason = { facts: [fact("rain", 3, "mm")], ended: "flood", note: "decoder: no data" };
  expect(reasonText(why, en, "en")).toBe("rain 3 mm; flood; decoder: no data");
  expect(reasonText(null, en, "en")).toBeNull();
});
