import { expect, test } from "vitest";
import { en } from "../lib/i18n/en";
import { fromLocal, matcherText, moved, outcomeText, tidy, toLocal, wordsOf } from "./tell";

const names = { cameras: new Map([["e/north", "North"]]), areas: new Map([["a", "Old town"]]) };
const told = (when: object) => matcherText(when, en, "en", names);

test("a matcher is told in words, and nothing asked is everything", () => {
  expect(told({})).toBe(en.policy.everything);
  expect(told({ kinds: ["intrusion"], cameras: ["e/north", "e/south"], areas: ["a"], min_confidence: 0.6 })).toBe(
    "Intrusion; at North, e/south; in Old town; detector at least 60 % sure",
  );
  expect(told({ hours: [{ days: ["sat"], from: "22:00", to: "06:00" }] })).toBe("Sat from 22:00 to 06:00");
});

test("what becomes of events is told in words", () => {
  expect(outcomeText({ alert: false }, en, "en")).toBe(en.policy.noAlert);
  expect(outcomeText({}, en, "en")).toBe(en.policy.asKind);
  const all = outcomeText({ severity: "critical", hold_off_s: 3, incident: true, group: { by: ["kind"], within_s: 300, metres: 200 } }, en, "en");
  for (const part of ["Critical", "3 s", "300 s", "200 m", en.policy.opensIncident]) expect(all).toContain(part);
});

test("what was left empty in the form is not sent", () => {
  const body = tidy({
    rule: [
      { name: " night ", when: { kinds: [], cameras: ["e/north"], min_confidence: null }, severity: null, hold_off_s: 0, incident: false, group: null },
      { name: "off", when: {}, alert: false, severity: "low", incident: true, group: { by: [] } },
    ],
  });
  expect(body.rule).toEqual([
    { name: "night", when: { cameras: ["e/north"] } },
    { name: "off", when: {}, alert: false },
  ]);
});

test("rows move one place and stop at the ends", () => {
  expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
  expect(moved(["a", "b", "c"], 2, -1)).toEqual(["a", "c", "b"]);
  expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
  expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
});

test("words are split at commas and lines, times are those of Viet Nam", () => {
  expect(wordsOf(" yard, lane-2\nyard,, ")).toEqual(["yard", "lane-2"]);
  expect(fromLocal("2026-11-22T15:00")).toBe("2026-11-22T08:00:00.000Z");
  expect(fromLocal("")).toBeNull();
  expect(toLocal("2026-11-22T08:00:00Z")).toBe("2026-11-22T15:00");
});
