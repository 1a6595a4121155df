import { describe, expect, test } from "vitest";
import { anAlert, mulberry, shuffled } from "../testing";
import type { Alert, Change } from "../api/types";
import type { Frame } from "./frames";
import { parseFrame } from "./frames";
import { NO_INCIDENTS, reduceIncidents } from "./incidents";
import { CLOSED_KEPT, isBehind, isOpen, type LiveState, merge, NOTHING_YET, reduce, urgentNews } from "./reducer";

type ChangeFrame = Extract<Frame, { type: "change" }>;

const snapshot = (seq: number, ids: string[] = []): Frame => ({
  type: "snapshot",
  seq,
  alerts: ids.map((id) => anAlert({ id, seq })),
  now: "2026-11-22T08:00:00Z",
});
const heartbeat = (seq: number): Frame => ({ type: "heartbeat", seq, now: "2026-11-22T08:00:00Z" });
const change = (seq: number, id: string, kind: Change = "raised", more = {}): ChangeFrame => ({
  type: "change",
  seq,
  change: kind,
  alert: anAlert({ id, seq, ...more }),
});

/** A story of changes to a few alerts, numbered without holes from `from`. */
function story(random: () => number, from: number, length: number): ChangeFrame[] {
  return Array.from({ length }, (_, i) => {
    const kinds: Change[] = ["raised", "repeated", "cleared", "acknowledged"];
    const kind = kinds[Math.floor(random() * 4)] ?? "raised";
    return change(from + i, `alert-${Math.floor(random() * 6)}`, kind, {
      count: i + 1,
      active: kind !== "cleared",
      acknowledged_at: kind === "acknowledged" ? "2026-11-22T08:00:01Z" : null,
    });
  });
}

const content = (state: LiveState) => ({
  seq: state.seq,
  alerts: [...state.alerts.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
});

describe("the reducer", () => {
  test("what had no room in the snapshot is counted until the next one", () => {
    const full: Frame = { ...(snapshot(10, ["a"]) as Extract<Frame, { type: "snapshot" }>), left_out: 7, incidents_left_out: 3 };
    const state = reduce(NOTHING_YET, [full, change(11, "b")]);
    expect([state.leftOut, reduceIncidents(NO_INCIDENTS, [full, heartbeat(11)]).leftOut]).toEqual([7, 3]);
    expect(reduce(state, [snapshot(12)]).leftOut, "an older center does not count them").toBe(0);
  });

  test("changes that are not for us leave no hole", () => {
    const passed = (seq: number): Frame => ({ type: "passed", seq });
    const story = [snapshot(10), change(11, "a"), passed(14), change(15, "b"), passed(16), heartbeat(16)];
    const state = reduce(NOTHING_YET, story);
    expect(state.seq).toBe(16);
    expect(isBehind(state)).toBe(false);
    const late = reduce(reduce(NOTHING_YET, [snapshot(10), change(15, "b")]), [passed(14), change(11, "a")]);
    expect(late.seq).toBe(15);
    expect(parseFrame('{"type":"passed","seq":7}')).toEqual(passed(7));
    expect(parseFrame('{"type":"passed"}')).toBeNull();
  });

  test("changes in any order, in any batches and with any repeated lead to the same state as in order", () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = mulberry(seed);
      const changes = story(random, 11, 1 + Math.floor(random() * 40));
      const inOrder = reduce(NOTHING_YET, [snapshot(10, ["alert-0", "alert-3"]), ...changes]);
      const twice = changes.filter(() => random() < 0.4);
      let state = reduce(NOTHING_YET, [snapshot(10, ["alert-0", "alert-3"])]);
      const mixed = shuffled([...changes, ...twice, ...twice], random);
      while (mixed.length > 0) state = reduce(state, mixed.splice(0, 1 + Math.floor(random() * 5)));
      expect(content(state), `seed ${seed}`).toEqual(content(inOrder));
      expect(isBehind(state), `seed ${seed}`).toBe(false);
    }
  });

  test("a connection that breaks anywhere and resumes after `seq` misses nothing", () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = mulberry(seed);
      const changes = story(random, 1, 30);
      const whole = reduce(NOTHING_YET, [snapshot(0), ...changes]);
      let state = reduce(NOTHING_YET, [snapshot(0)]);
      let rounds = 0;
      while (state.seq !== 30 && rounds < 1000) {
        // What the center would send from there, of which some is lost and then the socket breaks.
        const sent = changes.filter((frame) => frame.seq > (state.seq ?? 0));
        const arrived = sent.slice(0, 1 + Math.floor(random() * 8)).filter(() => random() < 0.8);
        state = reduce(state, arrived);
        rounds += 1;
      }
      expect(content(state), `seed ${seed}`).toEqual(content(whole));
    }
  });

  test("a hole is noticed at once, and `seq` stays before it until it is filled", () => {
    let state = reduce(NOTHING_YET, [snapshot(4), change(5, "a"), change(7, "c")]);
    expect(state.seq).toBe(5);
    expect(state.alerts.has("c")).toBe(true);
    expect(isBehind(state)).toBe(true);
    state = reduce(state, [change(6, "b")]);
    expect(state.seq).toBe(7);
    expect(isBehind(state)).toBe(false);
  });

  test("a heartbeat that speaks of more than has come shows that something is missing until it comes", () => {
    let state = reduce(NOTHING_YET, [snapshot(4), heartbeat(4)]);
    expect(isBehind(state)).toBe(false);
    state = reduce(state, [heartbeat(5)]);
    expect(isBehind(state)).toBe(true);
    state = reduce(state, [change(5, "a")]);
    expect(isBehind(state)).toBe(false);
  });

  test("a heartbeat of a shorter log asks for a snapshot, which then stands alone", () => {
    let state = reduce(NOTHING_YET, [snapshot(90, ["old"]), heartbeat(3)]);
    expect(state.isRewound).toBe(true);
    state = reduce(state, [snapshot(3, ["new"])]);
    expect(state.isRewound).toBe(false);
    expect(state.seq).toBe(3);
    expect([...state.alerts.keys()]).toEqual(["new"]);
  });

  test("a snapshot replaces everything, and what it already knows is not taken again", () => {
    const before = reduce(NOTHING_YET, [snapshot(1), change(2, "closed-meanwhile"), change(9, "beyond-a-hole")]);
    const state = reduce(before, [snapshot(20, ["kept"]), change(2, "closed-meanwhile"), change(20, "kept")]);
    expect([...state.alerts.keys()]).toEqual(["kept"]);
    expect(state.seq).toBe(20);
    expect(isBehind(state)).toBe(false);
  });

  test("no state is changed in place", () => {
    const before = reduce(NOTHING_YET, [snapshot(1, ["a"])]);
    const kept = [...before.alerts.values()];
    reduce(before, [change(2, "a", "acknowledged", { acknowledged_at: "2026-11-22T08:00:01Z" }), change(3, "b")]);
    expect([...before.alerts.values()]).toEqual(kept);
    expect(reduce(before, [])).toBe(before);
  });

  test("an answer by REST and the change by websocket agree, whichever comes first", () => {
    const acknowledged = { acknowledged_at: "2026-11-22T08:00:01Z", acknowledged_by: { id: "u", name: "ca-1" } };
    const start = reduce(NOTHING_YET, [snapshot(1, ["a"])]);
    const answer = anAlert({ id: "a", seq: 2, ...acknowledged });
    const frame = change(2, "a", "acknowledged", acknowledged);
    expect(content(reduce(merge(start, [answer]), [frame]))).toEqual(content(merge(reduce(start, [frame]), [answer])));
    expect(merge(start, [answer]).seq).toBe(1);
    const newer = reduce(start, [frame, change(3, "a", "cleared", { ...acknowledged, active: false })]);
    expect(merge(newer, [answer]).alerts.get("a")?.active).toBe(false);
  });

  test("closed alerts are forgotten oldest first, open ones never, and a late repetition does not bring one back", () => {
    const over = { active: false, acknowledged_at: "2026-11-22T08:00:01Z" };
    const changes = Array.from({ length: CLOSED_KEPT * 2 }, (_, i) => change(i + 1, `closed-${i + 1}`, "cleared", over));
    const open = change(CLOSED_KEPT * 2 + 1, "open");
    const state = reduce(reduce(NOTHING_YET, [snapshot(0)]), [...changes, open]);
    expect(state.alerts.size).toBe(CLOSED_KEPT + 1);
    expect(state.alerts.has("open")).toBe(true);
    expect(state.alerts.has(`closed-${CLOSED_KEPT * 2}`)).toBe(true);
    const again = reduce(state, [changes[0] as Frame]);
    expect(again.alerts.has("closed-1")).toBe(false);
  });

  test("5,000 alerts and as many changes take well under a second", () => {
    const ids = Array.from({ length: 5000 }, (_, i) => `alert-${i}`);
    const start = performance.now();
    let state = reduce(NOTHING_YET, [snapshot(0, ids)]);
    for (let i = 0; i < 50; i += 1) {
      state = reduce(state, Array.from({ length: 100 }, (_, j) => change(i * 100 + j + 1, `alert-${j}`, "repeated")));
    }
    expect(state.seq).toBe(5000);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test("only newly raised open alerts of the two highest severities are called out", () => {
    const frames = [
      change(1, "a", "raised", { severity: "critical" }),
      change(2, "b", "raised", { severity: "medium" }),
      change(3, "c", "repeated", { severity: "high" }),
      change(4, "d", "raised", { severity: "high" }),
      change(5, "e", "raised", { severity: "high", active: false, acknowledged_at: "2026-11-22T08:00:01Z" }),
      heartbeat(5),
    ];
    expect(urgentNews(frames).map((alert) => alert.id)).toEqual(["a", "d"]);
  });

  test("an alert is open until it is both over and acknowledged", () => {
    const at = "2026-11-22T08:00:01Z";
    const table: [boolean, string | null, boolean][] = [
      [true, null, true],
      [true, at, true],
      [false, null, true],
      [false, at, false],
    ];
    for (const [active, acknowledged_at, wanted] of table) {
      expect(isOpen(anAlert({ active, acknowledged_at }))).toBe(wanted);
    }
    const muted = { cause: "silence", by: null, reason: "x", until: null } as unknown as Alert["muted"];
    expect(isOpen(anAlert({ active: true, muted })), "the policy mutes it").toBe(false);
  });
});

describe("reading frames", () => {
  test("what is not a frame is no frame", () => {
    const table = [
      "",
      "{",
      "null",
      "[]",
      "7",
      '{"type":"snapshot"}',
      '{"type":"snapshot","seq":1,"alerts":{}}',
      '{"type":"snapshot","seq":"1","alerts":[]}',
      '{"type":"change","seq":1,"alert":null}',
      '{"type":"change","seq":1.5,"alert":{"id":"a"}}',
      '{"type":"heartbeat"}',
      '{"type":"something_new","seq":1}',
    ];
    for (const text of table) expect(parseFrame(text), text).toBeNull();
  });

  test("each kind of frame is read", () => {
    for (const frame of [snapshot(1, ["a"]), change(2, "a"), heartbeat(2)]) {
      expect(parseFrame(JSON.stringify(frame))).toEqual(frame);
    }
    expect(parseFrame('{"type":"resume","after":3,"reason":"slow"}')).toMatchObject({ type: "resume", after: 3 });
  });
});
