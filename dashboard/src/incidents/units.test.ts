import { expect, test } from "vitest";
import type { Dispatch, Unit } from "../lib/api/dispatch";
import { inUnitOrder, isOver, nextAnswers, reached } from "./units";

const aUnit = (id: string, on_duty: boolean, disabled = false): Unit => ({
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
  disabled,
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

test("units on duty stand first, and those that take nothing are left out", () => {
  const units = [aUnit("b", false), aUnit("c", true), aUnit("d", true, true), aUnit("a", true)];
  expect(inUnitOrder(units, "vi").map((unit) => unit.id)).toEqual(["a", "c", "b"]);
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
