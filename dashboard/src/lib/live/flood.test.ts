import { expect, test } from "vitest";
import { CONFIRM_MS, type Flood, floodAt, NO_FLOOD, reconnected, reduceFlood } from "./flood";
import { parseFrame } from "./frames";

const flood = (on: boolean, alerts: number): Flood => ({ type: "flood", on, alerts, operators: 1, now: "2026-11-22T08:00:00Z" });

test("a flood lasts until its end is told", () => {
  const begun = reduceFlood(NO_FLOOD, [flood(true, 11)]);
  expect(floodAt(begun, 0)?.alerts).toBe(11);
  expect(floodAt(reduceFlood(begun, [{ type: "heartbeat", seq: 7, now: "2026-11-22T08:00:15Z" } as never]), 1e9)?.alerts).toBe(11);
  expect(floodAt(reduceFlood(begun, [flood(true, 30), flood(false, 4)]), 0)).toBeNull();
});

test("after a new connection it holds only when the center says so again", () => {
  const begun = reduceFlood(NO_FLOOD, [flood(true, 11)]);
  const again = reconnected(begun, 1000);
  expect(floodAt(again, 1000 + CONFIRM_MS)?.alerts).toBe(11);
  expect(floodAt(again, 1001 + CONFIRM_MS)).toBeNull();
  expect(floodAt(reduceFlood(again, [flood(true, 20)]), 1e9)?.alerts).toBe(20);
  expect(reconnected(NO_FLOOD, 1000)).toBe(NO_FLOOD);
});

test("its frame is read only when it is whole", () => {
  expect(parseFrame(JSON.stringify(flood(true, 11)))).toEqual(flood(true, 11));
  for (const broken of [{ on: "yes" }, { alerts: -1 }, { alerts: "11" }, { operators: 0 }]) {
    expect(parseFrame(JSON.stringify({ ...flood(true, 11), ...broken }))).toBeNull();
  }
});
