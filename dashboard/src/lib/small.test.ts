import { describe, expect, test } from "vitest";
import { inGridOrder, isTroubled, pictureAddress, pictureWord } from "../cameras/picture";
import { inLedgerOrder, judge, leftOut } from "../devices/ledger";
import { isLoopback } from "../session/loopback";
import { downParts } from "./api/client";
import type { Camera, LedgerLine } from "./api/types";
import { actionOf, type KeyPress } from "./hotkeys";
import { formatRoute, parseRoute, screensOf } from "./route";

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  isComposing: false,
  keyCode: 0,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  defaultPrevented: false,
  isInField: false,
  ...more,
});

describe("shortcuts", () => {
  test("mean what the overview says", () => {
    const table: [string, string][] = [
      ["j", "down"],
      ["ArrowDown", "down"],
      ["k", "up"],
      ["ArrowUp", "up"],
      ["a", "acknowledge"],
      ["A", "acknowledge"],
      ["n", "show_new"],
      ["?", "help"],
      ["2", "screen_2"],
      ["4", "screen_4"],
      ["c", "claim"],
      ["s", "shelve"],
      ["d", "dismiss"],
      ["f", "forward"],
      ["i", "open_incident"],
      ["u", "send_unit"],
      ["x", "toggle"],
      ["Escape", "clear"],
    ];
    for (const [key, action] of table) expect(actionOf(press(key)), key).toBe(action);
    expect(actionOf(press("q"))).toBeNull();
    expect(actionOf(press("toString"))).toBeNull();
  });

  test("take Ctrl+A for selecting all, outside fields and compositions", () => {
    expect(actionOf(press("a", { ctrlKey: true }))).toBe("select_all");
    expect(actionOf(press("a", { metaKey: true }))).toBe("select_all");
    expect(actionOf(press("a", { ctrlKey: true, isInField: true }))).toBeNull();
    expect(actionOf(press("a", { ctrlKey: true, isComposing: true }))).toBeNull();
  });

  test("mean nothing while Vietnamese letters are composed, in fields, and with modifiers", () => {
    const still: Partial<KeyPress>[] = [
      { isComposing: true },
      { keyCode: 229 },
      { isInField: true },
      { ctrlKey: true },
      { metaKey: true },
      { altKey: true },
      { defaultPrevented: true },
    ];
    for (const more of still) {
      for (const key of ["s", "j", "?", "ArrowDown"]) expect(actionOf(press(key, more)), JSON.stringify(more)).toBeNull();
    }
    expect(actionOf(press("Process"))).toBeNull();
    expect(actionOf(press("Dead"))).toBeNull();
  });
});

describe("addresses", () => {
  test("are read and written", () => {
    expect(parseRoute("").screen).toBe("alerts");
    expect(parseRoute("#/no-such").screen).toBe("alerts");
    const there = parseRoute(formatRoute("cameras", { camera: "nga-tu-1/north", show: null, other: "" }));
    expect(there.screen).toBe("cameras");
    expect([...there.query]).toEqual([["camera", "nga-tu-1/north"]]);
    expect(formatRoute("devices")).toBe("#/devices");
  });

  test("lead each role to the screens that the center answers it", () => {
    expect(screensOf("viewer")).toEqual(["alerts", "incidents", "cameras", "devices", "load", "policy"]);
    expect(screensOf("operator")).toEqual(["alerts", "incidents", "reports", "cameras", "devices", "load", "policy"]);
    expect(screensOf("supervisor")).toContain("audit");
    expect(screensOf("supervisor")).not.toContain("people");
    expect(screensOf("admin")).toContain("people");
    expect(screensOf(undefined)).toEqual([]);
  });
});

const camera = (more: Partial<Camera>): Camera => ({
  edge: "e",
  id: "c",
  name: "C",
  place: null,
  area: null,
  state: "online",
  fps_in: 25,
  fps_analysed: 5,
  detector: "onnx",
  width_px: 640,
  height_px: 360,
  error: null,
  picture_at: "2026-11-22T08:00:00Z",
  picture_url: "/api/v1/cameras/e/c/picture",
  health_at: null,
  active_alerts: 0,
  ...more,
});

describe("a camera's picture", () => {
  const taken = Date.parse("2026-11-22T08:00:00Z");
  test("is old from five seconds on", () => {
    const word = (ms: number) => pictureWord("2026-11-22T08:00:00Z", taken + ms).kind;
    expect(word(0)).toBe("fresh");
    expect(word(5000)).toBe("fresh");
    expect(word(5001)).toBe("old");
    expect(word(-3000)).toBe("fresh");
    expect(pictureWord(null, taken).kind).toBe("none");
    expect(pictureWord("nonsense", taken).kind).toBe("none");
  });

  test("has an address of its own for each time it was taken", () => {
    const first = pictureAddress(camera({}));
    expect(first).toBe("/api/v1/cameras/e/c/picture?at=2026-11-22T08%3A00%3A00Z");
    expect(pictureAddress(camera({ picture_at: "2026-11-22T08:00:02Z" }))).not.toBe(first);
    expect(pictureAddress(camera({ picture_url: null }))).toBeNull();
    expect(pictureAddress(camera({ picture_at: null }))).toBeNull();
  });

  test("keeps its place on the wall whatever happens to the camera", () => {
    const order = inGridOrder([
      camera({ id: "alarmed", name: "C", active_alerts: 2 }),
      camera({ id: "lost", name: "Đ", state: "lost" }),
      camera({ id: "2", name: "A" }),
      camera({ id: "1", name: "A" }),
    ]);
    expect(order.map((one) => one.id)).toEqual(["1", "2", "alarmed", "lost"]);
    expect(order.filter(isTroubled).map((one) => one.id)).toEqual(["alarmed", "lost"]);
  });
});

const line = (more: Partial<LedgerLine>): LedgerLine => ({
  edge: "e1",
  outbox: "o1",
  lane: "events",
  upto: 100,
  highest: 100,
  received: 100,
  pending: [],
  pending_count: 0,
  lost: 0,
  losses: [],
  dead: 0,
  duplicates: 0,
  acked_before: 0,
  updated_at: "2026-11-22T08:00:00Z",
  ...more,
});

describe("the ledger", () => {
  test("says what weighs most", () => {
    expect(judge(line({})).verdict).toBe("complete");
    expect(judge(line({ pending_count: 3 })).verdict).toBe("pending");
    expect(judge(line({ pending_count: 3, lost: 1 })).verdict).toBe("lost");
    expect(judge(line({ highest: 0, received: 0 })).verdict).toBe("empty");
  });

  test("counts what is awaited or lost as not covered, and duplicates not at all", () => {
    expect(judge(line({})).coverage).toBe(1);
    expect(judge(line({ duplicates: 50 })).coverage).toBe(1);
    expect(judge(line({ pending_count: 5, lost: 20 })).coverage).toBe(0.75);
    expect(judge(line({ highest: 0 })).coverage).toBeNull();
  });

  test("stands by device, newest outbox first, lanes as they drain", () => {
    const lines = [
      line({ edge: "e2", outbox: "o9" }),
      line({ lane: "observations" }),
      line({ outbox: "o2", updated_at: "2026-11-22T09:00:00Z" }),
      line({ lane: "a_newer_lane" }),
      line({}),
    ];
    const order = inLedgerOrder(lines).map(({ line: { edge, outbox, lane } }) => `${edge} ${outbox} ${lane}`);
    expect(order).toEqual(["e1 o2 events", "e1 o1 events", "e1 o1 observations", "e1 o1 a_newer_lane", "e2 o9 events"]);
  });
});

test("only this machine itself is loopback", () => {
  for (const host of ["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "::1"]) expect(isLoopback(host), host).toBe(true);
  for (const host of ["10.0.0.1", "127.example.com", "example.com", "127.0.0.1.example.com"]) {
    expect(isLoopback(host), host).toBe(false);
  }
});

test("the parts of the center that are down are named", () => {
  expect(downParts({ ready: true, parts: { database: "ready", broker: "ready" } })).toEqual([]);
  expect(downParts({ ready: false, parts: { database: "ready", broker: "down" } })).toEqual(["broker"]);
  expect(downParts({ ready: false, parts: {} })).toEqual([]);
});

describe("what the center did not take of a device", () => {
  test("is of that device alone, with what is put back first in front", () => {
    const ledger = {
      shed: [
        { edge: "a", lane: "health", payloads: 1 },
        { edge: "a", lane: "tracks", payloads: 7 },
        { edge: "b", lane: "tracks", payloads: 9 },
      ],
      unknown: [{ edge: "a", words: 3 }],
    };
    expect(leftOut(ledger, "a")).toEqual({
      shed: [
        { lane: "tracks", payloads: 7 },
        { lane: "health", payloads: 1 },
      ],
      unknown: 3,
    });
    expect(leftOut(ledger, "c")).toEqual({ shed: [], unknown: 0 });
    expect(leftOut(null, "a")).toEqual({ shed: [], unknown: 0 });
  });
});
