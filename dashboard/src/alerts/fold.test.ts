import { describe, expect, test } from "vitest";
import { type Alert, SEVERITIES } from "../lib/api/types";
import { anAlert, mulberry } from "../lib/testing";
import { fold, hidden, idsOf } from "./fold";
import { inOrder } from "./queue";

const NONE: ReadonlySet<string> = new Set();
const byId = (alerts: readonly Alert[]) => new Map(alerts.map((alert) => [alert.id, alert]));
const some = (count: number, more: Partial<Alert>) =>
  Array.from({ length: count }, (_, i) => anAlert({ ...more, id: `${more.severity}-${more.kind}-${more.camera ?? "north"}-${i}` }));

describe("folding the queue in a flood", () => {
  const alerts = [
    ...some(3, { severity: "critical", kind: "smoke_or_fire" }),
    ...some(2, { severity: "high", kind: "intrusion" }),
    ...some(4, { severity: "medium", kind: "congestion" }),
    ...some(1, { severity: "medium", kind: "crowd" }),
    ...some(5, { severity: "low", kind: "congestion", camera: "south" }),
  ];
  const shown = inOrder(alerts).map((alert) => alert.id);

  test("groups medium and low ones of one kind at one camera, and leaves a single one as it is", () => {
    const items = fold(shown, byId(alerts), NONE);
    expect(items.map((item) => ("id" in item ? item.id : item.fold.ids.length))).toEqual([
      ...shown.slice(0, 5),
      4,
      "medium-crowd-north-0",
      5,
    ]);
    expect(hidden(items)).toEqual({ alerts: 9, groups: 2 });
  });

  test("shows an opened group's alerts under it", () => {
    const items = fold(shown, byId(alerts), NONE);
    const group = items.find((item) => "fold" in item);
    const opened = fold(shown, byId(alerts), new Set(group && "fold" in group ? [group.fold.key] : []));
    expect(idsOf(opened)).toHaveLength(10);
    expect(opened.findIndex((item) => "fold" in item && item.isOpen)).toBe(5);
    expect(hidden(opened)).toEqual({ alerts: 5, groups: 1 });
  });

  test("keeps apart what nobody has seen from what somebody has", () => {
    const seen = some(2, { severity: "low", kind: "crowd", acknowledged_at: "2026-11-22T08:10:00Z" });
    const fresh = some(2, { severity: "low", kind: "crowd" }).map((alert) => ({ ...alert, id: `new ${alert.id}` }));
    const both = [...fresh, ...seen];
    expect(fold(both.map((alert) => alert.id), byId(both), NONE)).toHaveLength(2);
  });

  test("whatever comes, no critical or high one is out of sight, and every alert is there once", () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const random = mulberry(seed);
      const any = <T>(of: readonly T[]) => of[Math.floor(random() * of.length)] as T;
      const many = Array.from({ length: 60 }, (_, i) =>
        anAlert({ id: `a${i}`, severity: any(SEVERITIES), kind: any(["crowd", "congestion"]), camera: any(["north", "south"]) }),
      );
      const ids = inOrder(many).map((alert) => alert.id);
      const items = fold(ids, byId(many), NONE);
      const alone = idsOf(items);
      for (const alert of many) {
        if (alert.severity === "critical" || alert.severity === "high") expect(alone).toContain(alert.id);
      }
      const all = items.flatMap((item) => ("id" in item ? [item.id] : item.fold.ids));
      expect(all.toSorted()).toEqual(ids.toSorted());
    }
  });
});
