import { describe, expect, test } from "vitest";
import type { Incident, IncidentClock } from "../lib/api/types";
import { mergeIncident, NO_INCIDENTS, reduceIncidents } from "../lib/live/incidents";
import type { Frame } from "../lib/live/frames";
import { anIncident, mulberry, shuffled } from "../lib/testing";
import { countdown, inWorkOrder, leftMs, nextClock, standing } from "./order";

const now = Date.parse("2026-11-22T08:00:00Z");
const aClock = (min: number, more: Partial<IncidentClock> = {}): IncidentClock => ({
  kind: "acknowledge",
  due_at: new Date(now + min * 60_000).toISOString(),
  met_at: null,
  called_at: null,
  calls: 0,
  taken_at: null,
  ...more,
});
const met = (min: number) => new Date(now + min * 60_000).toISOString();

describe("the order of incidents", () => {
  test("is: unfinished first, whose clock runs out first, the more severe, the newest", () => {
    const wanted = [
      anIncident({ id: "overdue", severity: "low", clocks: [aClock(-5)] }),
      anIncident({ id: "soon", severity: "low", clocks: [aClock(60), aClock(2)] }),
      anIncident({ id: "later", severity: "critical", clocks: [aClock(1, { met_at: met(0) }), aClock(30)] }),
      anIncident({ id: "no clock, critical", severity: "critical" }),
      anIncident({ id: "no clock, high, new", severity: "high", opened_at: met(-1) }),
      anIncident({ id: "no clock, high, old", severity: "high", opened_at: met(-9) }),
      anIncident({ id: "closed", severity: "critical", status: "closed", clocks: [aClock(-50)] }),
    ];
    for (let seed = 1; seed <= 20; seed += 1) {
      const ids = inWorkOrder(shuffled(wanted, mulberry(seed))).map((incident) => incident.id);
      expect(ids).toEqual(wanted.map((incident) => incident.id));
    }
  });
});

test("an incident stands in one word: somebody has it, nobody has it, or it is over", () => {
  const owner = { id: "u", name: "Lan" };
  expect(standing(anIncident({ status: "open", owner: null }))).toBe("open");
  expect(standing(anIncident({ status: "in_progress", owner }))).toBe("taken");
  expect(standing(anIncident({ status: "in_progress", owner: null }))).toBe("open");
  expect(standing(anIncident({ status: "resolved", owner }))).toBe("resolved");
});

describe("a clock", () => {
  test("that waits counts down and goes on below zero; one that was met stands", () => {
    expect(leftMs(aClock(2), now)).toBe(120_000);
    expect(leftMs(aClock(-2), now)).toBe(-120_000);
    expect(leftMs(aClock(2, { met_at: met(1) }), now + 999_999)).toBe(60_000);
  });

  test("of a finished incident waits for nothing", () => {
    expect(nextClock(anIncident({ status: "resolved", clocks: [aClock(1)] }))).toBeNull();
  });

  test("reads as clocks do", () => {
    expect([0, 65_000, -65_000, 3_600_000].map(countdown)).toEqual(["0:00", "1:05", "1:05", "1:00:00"]);
  });
});

describe("incidents that come live", () => {
  const change = (seq: number, incident: Partial<Incident>): Frame =>
    ({ type: "incident", seq, change: "edited", at: met(0), actor: null, detail: {}, incident: anIncident(incident) }) as Frame;
  const start: Frame = { type: "snapshot", seq: 4, alerts: [], incidents: [anIncident({ id: "a", seq: 7 })], incident_seq: 9, now: met(0) };
  const beat = (incident_seq: number): Frame => ({ type: "heartbeat", seq: 4, incident_seq, now: met(0) });

  test("are never replaced by what is older, and numbers may have holes", () => {
    let state = reduceIncidents(NO_INCIDENTS, [start]);
    expect(state.seq).toBe(9);
    state = reduceIncidents(state, [change(14, { id: "a", title: "mới" }), change(12, { id: "b" })]);
    expect([state.seq, state.incidents.get("a")?.title, state.incidents.size]).toEqual([14, "mới", 2]);
    state = mergeIncident(state, anIncident({ id: "a", title: "cũ", seq: 13 }));
    expect(state.incidents.get("a")?.title).toBe("mới");
  });

  test("follow the heartbeat; one that goes back asks for a snapshot", () => {
    let state = reduceIncidents(NO_INCIDENTS, [start, beat(20)]);
    expect([state.seq, state.isRewound]).toEqual([20, false]);
    state = reduceIncidents(state, [beat(3)]);
    expect(state.isRewound).toBe(true);
    expect(reduceIncidents(state, [start]).isRewound).toBe(false);
  });
});
