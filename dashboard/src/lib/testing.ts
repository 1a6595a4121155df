/** What the tests of this folder share. */

import type { Alert, Incident } from "./api/types";

export function anAlert(more: Partial<Alert> = {}): Alert {
  return {
    id: "0193aaaa-0000-7000-8000-000000000001",
    seq: 1,
    kind: "intrusion",
    severity: "high",
    edge: "nga-tu-1",
    camera: "north",
    camera_name: "Ngã tư Phúc Khánh, hướng bắc",
    area: null,
    place: null,
    rule: "intrusion-yard",
    zone: "yard",
    active: true,
    first_at: "2026-11-22T08:00:00Z",
    last_at: "2026-11-22T08:00:00Z",
    raised_at: "2026-11-22T08:00:00Z",
    cleared_at: null,
    count: 1,
    class: "person",
    confidence: 0.83,
    why: null,
    snapshot_url: null,
    acknowledged_at: null,
    acknowledged_by: null,
    owner: null,
    claimed_at: null,
    shelved: null,
    verdict: null,
    forwarded_to: null,
    muted: null,
    ...more,
  };
}

export function anIncident(more: Partial<Incident> = {}): Incident {
  return {
    id: "0193bbbb-0000-7000-8000-000000000001",
    seq: 1,
    number: "2026-000123",
    kind: "traffic_accident",
    title: "Va chạm xe máy",
    severity: "high",
    status: "open",
    area: null,
    place: null,
    origin: "alert",
    opened_at: "2026-11-22T07:50:00Z",
    opened_by: null,
    owner: null,
    unit: null,
    procedure: 1,
    steps: [],
    clocks: [],
    escalate_at: null,
    last_source_at: "2026-11-22T07:50:00Z",
    sources: 1,
    resolved_at: null,
    closed_at: null,
    verdict: null,
    merged_into: null,
    ...more,
  };
}

/** A small generator of equally distributed numbers 0..1, the same for the same seed. */
export function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const list = [...items];
  for (let i = list.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}
