import { expect, test } from "vitest";
import type { Dispatch, Unit, UnitSuggestion } from "../lib/api/dispatch";
import { isOver, nextAnswers, reached, standing } from "./units";

const aUnit = (id: string, on_duty: boolean): Unit => ({
  id,
  name_vi: id,
  name_en: id,
  kind: "police",
  areas: ["*"],
  channels: [{ kind: "inbox" }],
  read_within_s: 120,
  accept_within_s: 300,
  fallback: [],
  shifts: [],
  members: [],
  on_duty,
  disabled: false,
});
const aDispatch = (more: Partial<Dispatch>): Dispatch => ({
  id: "d1",
  incident: "i1",
  incident_number: "2026-000123",
  unit: "a",
  state: "sent",
  times: {},
  note: "",
  answer: "",
  created_at: "2026-11-22T08:00:00Z",
  created_by: null,
  passed_on: false,
  link_until: "2026-11-25T08:00:00Z",
  deliveries: [],
  ...more,
});

test("a unit says whether it is on duty, out of its area, or has the incident already", () => {
  const fits: UnitSuggestion = { unit: aUnit("a", true), duty_until: null, serves_area: null, is_usual: true, has_it: false, needs_reason: false };
  expect(standing(fits)).toEqual({ marks: ["onDuty"], until: null });
  const off = { ...fits, unit: aUnit("b", false), duty_until: "2026-11-22T15:00:00Z", serves_area: false, has_it: true, needs_reason: true };
  expect(standing(off)).toEqual({ marks: ["offDuty", "outOfArea", "hasIt"], until: "2026-11-22T15:00:00Z" });
});

test("the reached states stand in their order, whatever order they came in", () => {
  const times = { accepted: "2026-11-22T08:02:00Z", queued: "2026-11-22T08:00:00Z" };
  expect(reached(aDispatch({ times })).map(([state]) => state)).toEqual(["queued", "accepted"]);
});

test("a unit accepts or refuses first, then arrives, then is done; what is over has no answers", () => {
  for (const state of ["queued", "sent", "delivered", "read", "failed"] as const) {
    expect(nextAnswers(state), state).toEqual(["accepted", "refused"]);
  }
  expect(nextAnswers("accepted")[0]).toBe("on_scene");
  expect(nextAnswers("on_scene")[0]).toBe("done");
  for (const state of ["done", "refused", "recalled"] as const) {
    expect(nextAnswers(state)).toEqual([]);
    expect(isOver(aDispatch({ state }))).toBe(true);
  }
});
