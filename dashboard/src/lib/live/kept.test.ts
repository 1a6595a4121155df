import { expect, test } from "vitest";
import { anAlert, anIncident } from "../testing";
import { readKnown, toKeep } from "./kept";

test("what is open is kept, the most pressing first, within bounds", () => {
  const many = Array.from({ length: 900 }, (_, i) => anAlert({ id: `a${i}`, severity: i === 899 ? "critical" : "low" }));
  const over = anAlert({ id: "over", active: false, acknowledged_at: "2026-11-22T08:10:00Z" });
  const known = toKeep("u1", 5, [over, ...many], [anIncident(), anIncident({ id: "closed", status: "closed" })]);
  expect(known.alerts).toHaveLength(500);
  expect(known.alerts[0]?.id).toBe("a899");
  expect(known.alerts.map((alert) => alert.id)).not.toContain("over");
  expect(known.incidents.map((incident) => incident.id)).toEqual([anIncident().id]);
});

test("it is read back for the same person only, and nothing that is broken", () => {
  const known = toKeep("u1", 5, [anAlert()], []);
  expect(readKnown(JSON.stringify(known), "u1")).toEqual(known);
  expect(readKnown(JSON.stringify(known), "u2")).toBeNull();
  for (const broken of [null, "", "7", "null", '{"person":"u1"}', '{"person":"u1","at":1,"alerts":{},"incidents":[]}']) {
    expect(readKnown(broken, "u1"), String(broken)).toBeNull();
  }
});
