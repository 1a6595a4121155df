import { expect, test } from "vitest";
import type { Camera, Incident } from "../lib/api/types";
import type { Report } from "./api";
import { areasNear, candidates, inTriageOrder, metresBetween } from "./order";

const report = (number: string, more: Partial<Report>): Report =>
  ({ number, state: "received", received_at: "2026-11-22T08:00:00Z", due_at: "2026-11-22T10:00:00Z", answered_at: null, place: null, ...more }) as Report;

test("what nobody has looked into stands first, and among it what must be answered first", () => {
  const order = inTriageOrder([
    report("done", { state: "answered", answered_at: "2026-11-22T09:00:00Z" }),
    report("accepted", { state: "accepted", due_at: "2026-11-22T08:30:00Z" }),
    report("later", { due_at: "2026-11-22T11:00:00Z" }),
    report("sooner", { due_at: "2026-11-22T09:00:00Z" }),
  ]);
  expect(order.map((one) => one.number)).toEqual(["sooner", "later", "accepted", "done"]);
});

test("a degree of latitude is 111 km, and nothing is nothing", () => {
  expect(metresBetween({ lat: 20, lon: 106 }, { lat: 21, lon: 106 }) / 1000).toBeCloseTo(111.2, 1);
  expect(metresBetween({ lat: 20, lon: 106 }, { lat: 20, lon: 106 })).toBe(0);
});

test("the nearest unfinished incident is offered first, and no finished one", () => {
  const incident = (id: string, lat: number | null, status = "open") =>
    ({ id, status, place: lat === null ? null : { lat, lon: 106 }, opened_at: "2026-11-22T08:00:00Z" }) as unknown as Incident;
  const found = candidates(report("r", { place: { lat: 20, lon: 106 } }), [
    incident("nowhere", null),
    incident("far", 20.1),
    incident("over", 20, "closed"),
    incident("near", 20.001),
  ]);
  expect(found.map(({ incident: one }) => one.id)).toEqual(["near", "far", "nowhere"]);
});

test("the area whose camera is nearest is offered first, and those without one by name", () => {
  const camera = (area: string | null, lat: number) => ({ area, place: { lat, lon: 106 } }) as unknown as Camera;
  const areas = [{ id: "b", name: "Bồ Xuyên" }, { id: "d", name: "Đề Thám" }, { id: "k", name: "Kỳ Bá" }, { id: "t", name: "Trần Lãm" }];
  const cameras = [camera("t", 20.01), camera("t", 20.3), camera("k", 20.02), camera(null, 20)];
  const near = areasNear(report("r", { place: { lat: 20, lon: 106 } }), areas, cameras);
  expect(near.map(({ area, away }) => [area.id, away === null ? null : Math.round(away / 100)])).toEqual([["t", 11], ["k", 22], ["b", null], ["d", null]]);
  expect(areasNear(report("r", {}), areas, cameras).map(({ area }) => area.id)).toEqual(["b", "d", "k", "t"]);
});
