import { describe, expect, test } from "vitest";
import type { Incident } from "../lib/api/types";
import type { Calling } from "../lib/live/calling";
import { anIncident } from "../lib/testing";
import { AGAIN_MS, callKeys, callsFor, Ringer } from "./calls";

const me = { id: "me" };
const calling = (to: string[], more: Partial<Calling> = {}): Calling => ({
  at: "2026-11-22T08:00:00Z",
  clock: null,
  unit: "csgt-1",
  to: to.map((id) => ({ id, name: id })),
  ...more,
});
/** Incidents with their calls, as the live state has them. */
function desk(...pairs: [Incident, Calling][]) {
  const incidents = new Map(pairs.map(([incident]) => [incident.id, incident]));
  return [incidents, new Map(pairs.map(([incident, one]) => [incident.id, one]))] as const;
}

describe("a call", () => {
  test("is for those whom it names, and for nobody once the incident is over or is not there", () => {
    const [incidents, callings] = desk(
      [anIncident({ id: "a" }), calling(["other", "me"])],
      [anIncident({ id: "b" }), calling(["other"])],
      [anIncident({ id: "d", status: "closed" }), calling(["me"])],
      [anIncident({ id: "e" }), calling(["me"], { clock: "acknowledge", unit: null })],
    );
    const all = new Map([...callings, ["elsewhere", calling(["me"])]]);
    expect(callsFor(me, true, incidents, all).map((call) => call.incident.id)).toEqual(["a"]);
  });

  test("that names nobody is for all who may take the incident", () => {
    const nobody = desk([anIncident(), calling([])]);
    expect(callsFor(me, true, ...nobody)).toHaveLength(1);
    expect(callsFor(me, false, ...nobody)).toEqual([]);
  });

  test("to the gravest comes first, then the one that has waited longest", () => {
    const at = (id: string, severity: Incident["severity"], opened_at: string): [Incident, Calling] => [
      anIncident({ id, severity, opened_at }),
      calling(["me"]),
    ];
    const calls = desk(
      at("low", "low", "2026-11-22T06:00:00Z"),
      at("late", "critical", "2026-11-22T07:30:00Z"),
      at("early", "critical", "2026-11-22T07:00:00Z"),
    );
    expect(callsFor(me, true, ...calls).map((call) => call.incident.id)).toEqual(["early", "late", "low"]);
  });
});

describe("the ringer", () => {
  function ring() {
    const timers: { ms: number; run: () => void }[] = [];
    let sounds = 0;
    const ringer = new Ringer(
      () => (sounds += 1),
      (ms, run) => {
        const timer = { ms, run };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), 1);
      },
    );
    return {
      ringer,
      heard: () => sounds,
      waiting: () => timers.map((timer) => timer.ms),
      pass: () => timers.splice(0).forEach((timer) => timer.run()),
    };
  }

  test("sounds at once, again as long as nobody answers, and not after that", () => {
    const { ringer, heard, waiting, pass } = ring();
    ringer.hear(["a"]);
    expect([heard(), waiting()]).toEqual([1, [AGAIN_MS]]);
    ringer.hear(["a"]);
    expect(heard(), "the same call is not a new one").toBe(1);
    pass();
    pass();
    expect([heard(), waiting()]).toEqual([3, [AGAIN_MS]]);
    ringer.hear([]);
    expect(waiting()).toEqual([]);
    pass();
    expect(heard()).toBe(3);
  });

  test("sounds at once for a further call and for one that is repeated, and has one rhythm", () => {
    const { ringer, heard, waiting } = ring();
    const first = { incident: anIncident({ id: "a" }), calling: calling(["me"]) };
    const again = { ...first, calling: calling(["me"], { at: "2026-11-22T08:01:00Z" }) };
    ringer.hear(callKeys([first]));
    ringer.hear(callKeys([first, { incident: anIncident({ id: "b" }), calling: calling(["me"]) }]));
    expect(heard()).toBe(2);
    ringer.hear(callKeys([again]));
    expect([heard(), waiting()]).toEqual([3, [AGAIN_MS]]);
    ringer.hear(callKeys([]));
    ringer.hear(callKeys([again]));
    expect(heard()).toBe(4);
    ringer.end();
    expect(waiting()).toEqual([]);
  });
});
