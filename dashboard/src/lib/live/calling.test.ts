import { describe, expect, test } from "vitest";
import type { Incident } from "../api/types";
import { anIncident } from "../testing";
import { callingOf, type Callings, NO_CALLS, reduceCalls, toAsk } from "./calling";
import type { Frame } from "./frames";

type IncidentFrame = Extract<Frame, { type: "incident" }>;
const minh = { id: "minh", name: "Minh" };
const lan = { id: "lan", name: "Lan" };
const clock = (more: Partial<Incident["clocks"][number]> = {}): Incident["clocks"][number] => ({
  kind: "acknowledge",
  due_at: "2026-11-22T07:59:00Z",
  met_at: null,
  calls: 1,
  called_at: "2026-11-22T08:00:00Z",
  taken_at: null,
  ...more,
});
let seq = 0;
function frame(change: IncidentFrame["change"], detail: object, more: Partial<IncidentFrame> = {}): IncidentFrame {
  seq += 1;
  const incident = anIncident({ seq, clocks: [clock()] });
  return { type: "incident", seq, change, at: "2026-11-22T08:00:00Z", actor: null, detail, incident, ...more } as IncidentFrame;
}
const byClock = () => frame("escalated", { clock: "acknowledge", call: 1, rung: "supervisor", to: [minh] });
const byUnit = () => frame("escalated", { clock: null, rung: "supervisor", to: [minh], unit: "csgt-1", reason: "no unit answers" });
const only = (calls: Callings) => [...calls.values()].map((calling) => [calling.clock ?? calling.unit, calling.to.map((one) => one.name)]);

describe("a call", () => {
  test("of a clock stands until the clock is met or somebody took the incident", () => {
    const calls = reduceCalls(NO_CALLS, [byClock(), frame("noted", { text: "?" }, { actor: minh })]);
    expect(only(calls)).toEqual([["acknowledge", ["Minh"]]]);
    for (const heard of [{ taken_at: "2026-11-22T08:01:00Z" }, { met_at: "2026-11-22T08:01:00Z" }]) {
      const after = frame("taken", {}, { actor: lan, incident: anIncident({ clocks: [clock(heard)] }) });
      expect(reduceCalls(calls, [after]).size).toBe(0);
    }
    expect(reduceCalls(calls, [frame("closed", {}, { incident: anIncident({ status: "closed", clocks: [clock()] }) })]).size).toBe(0);
  });

  test("because no unit answers stands until one comes, a person sends another, or one of the called does something", () => {
    const calls = reduceCalls(NO_CALLS, [byUnit()]);
    expect(only(calls)).toEqual([["csgt-1", ["Minh"]]]);
    const step = (state: string, actor: typeof lan | null) => frame("dispatch", { unit: "csgt-2", state }, { actor });
    for (const not of [step("failed", null), step("queued", null), step("read", lan), frame("noted", { text: "…" }, { actor: lan })]) {
      expect(reduceCalls(calls, [not]).size, `${not.change} ${JSON.stringify(not.detail)}`).toBe(1);
    }
    for (const heard of [step("accepted", null), step("queued", lan), frame("taken", {}, { actor: lan }), frame("noted", { text: "…" }, { actor: minh })]) {
      expect(reduceCalls(calls, [heard]).size, `${heard.change} ${JSON.stringify(heard.detail)}`).toBe(0);
    }
  });

  test("outlives a snapshot in which its incident still calls, and no other", () => {
    const calls = reduceCalls(NO_CALLS, [byClock()]);
    const snapshot = (incidents: Incident[]): Frame => ({ type: "snapshot", seq: 1, alerts: [], incidents, now: "2026-11-22T08:00:00Z" });
    expect(reduceCalls(calls, [snapshot([anIncident({ clocks: [clock()] })])]).size).toBe(1);
    expect(reduceCalls(calls, [snapshot([anIncident({ clocks: [clock({ taken_at: "2026-11-22T08:00:30Z" })] })])]).size).toBe(0);
    expect(reduceCalls(calls, [snapshot([])]).size).toBe(0);
  });

  test("is found in the log by who comes later, and asked for only where it may be", () => {
    const calling = anIncident({ id: "calls", clocks: [clock()] });
    const unanswered = anIncident({ id: "unanswered" });
    const quiet = anIncident({ id: "quiet", clocks: [clock({ calls: 0 })] });
    expect(toAsk(NO_CALLS, [calling, unanswered, quiet], new Set(["unanswered", "closed long ago"]))).toEqual(["calls", "unanswered"]);
    const found = callingOf(calling, [frame("opened", {}), byUnit(), byClock()]);
    expect(found?.clock).toBe("acknowledge");
    expect(toAsk(new Map([["calls", found as NonNullable<typeof found>]]), [calling], new Set())).toEqual([]);
    expect(callingOf(calling, [byUnit(), frame("taken", {}, { actor: lan })])).toBeNull();
  });

  test("that names nobody, or something else than people, names nobody", () => {
    const calls = reduceCalls(NO_CALLS, [frame("escalated", { clock: "acknowledge", to: [7, { id: 1 }, null] })]);
    expect(only(calls)).toEqual([["acknowledge", []]]);
  });
});
