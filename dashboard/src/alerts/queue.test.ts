import { describe, expect, test } from "vitest";
import { type Alert, SEVERITIES } from "../lib/api/types";
import { anAlert, mulberry, shuffled } from "../lib/testing";
import { arrange, countOpen, fits, inOrder, isFiltered, nextToDo, oldestOf, readFilter, severitiesLeftOut, stepFrom } from "./queue";

const seen = { acknowledged_at: "2026-11-22T08:10:00Z" };
const shelved = {
  at: "2026-11-22T08:00:00Z",
  by: { id: "u1", name: "Trực ban 1" },
  reason: "Đang sửa đường",
  until: "2026-11-22T09:00:00Z",
};
const at = (minute: number) => `2026-11-22T08:${String(minute).padStart(2, "0")}:00Z`;

describe("the order of the queue", () => {
  const wanted: Alert[] = [
    anAlert({ id: "critical, new", severity: "critical", raised_at: at(9) }),
    anAlert({ id: "critical, older", severity: "critical", raised_at: at(1) }),
    anAlert({ id: "critical, over but unseen", severity: "critical", active: false, raised_at: at(10) }),
    anAlert({ id: "high, new", severity: "high", raised_at: at(5) }),
    anAlert({ id: "high, older, repeated just now", severity: "high", raised_at: at(2), last_at: at(30), count: 9 }),
    anAlert({ id: "low", severity: "low", raised_at: at(20) }),
    anAlert({ id: "critical, seen", severity: "critical", raised_at: at(12), ...seen }),
    anAlert({ id: "medium, seen", severity: "medium", raised_at: at(12), ...seen }),
    anAlert({ id: "critical, over and seen", severity: "critical", active: false, raised_at: at(12), ...seen }),
  ];

  test("is: unseen before seen, by severity, ongoing before over, newest first; whatever order they come in", () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const ids = inOrder(shuffled(wanted, mulberry(seed))).map((alert) => alert.id);
      expect(ids).toEqual(wanted.map((alert) => alert.id));
    }
  });

  test("is settled also for alerts raised at the same moment", () => {
    const twins = ["b", "a", "c"].map((id) => anAlert({ id }));
    expect(inOrder(twins).map((alert) => alert.id)).toEqual(["a", "b", "c"]);
  });
});

describe("holding the queue still", () => {
  test("rows keep their places while it is held, and new ones wait", () => {
    expect(arrange(["a", "b"], ["x", "b", "a", "y"], true)).toEqual({ shown: ["a", "b"], waiting: ["x", "y"] });
  });

  test("a row that no longer belongs stays until it is let go", () => {
    expect(arrange(["a", "b"], ["b"], true)).toEqual({ shown: ["a", "b"], waiting: [] });
    expect(arrange(["a", "b"], ["b"], false)).toEqual({ shown: ["b"], waiting: [] });
  });

  test("an empty list has nothing under the cursor: new ones come in at once", () => {
    expect(arrange([], ["x"], true)).toEqual({ shown: ["x"], waiting: [] });
  });

  test("whatever happens, no shown row moves while it is held, and none is lost when it is let go", () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const random = mulberry(seed);
      const ids = Array.from({ length: 12 }, (_, i) => `a${i}`);
      const some = () => shuffled(ids.filter(() => random() < 0.6), random);
      let shown = some();
      for (let i = 0; i < 20; i += 1) {
        const wanted = some();
        const isHeld = random() < 0.7;
        const next = arrange(shown, wanted, isHeld);
        if (isHeld && shown.length > 0) expect(next.shown).toEqual(shown);
        else expect(next.shown).toEqual(wanted);
        for (const id of wanted) expect(next.shown.includes(id) !== next.waiting.includes(id)).toBe(true);
        shown = next.shown;
      }
    }
  });
});

describe("filters", () => {
  const read = (query: string) => {
    const params = new URLSearchParams(query);
    return readFilter((key) => params.get(key) ?? "");
  };

  test("are read from the address; what is unknown is left out", () => {
    expect(read("")).toEqual({ severities: [], state: "open", camera: "" });
    expect(read("severity=low,critical,purple&state=all&camera=nga-tu-1/north")).toEqual({
      severities: ["critical", "low"],
      state: "all",
      camera: "nga-tu-1/north",
    });
    expect(read("state=no_such").state).toBe("open");
    expect(isFiltered(read("state=no_such"))).toBe(false);
    expect(isFiltered(read("camera=a/b"))).toBe(true);
  });

  test("let through what they say", () => {
    const over = anAlert({ active: false, ...seen });
    const table: [string, Alert, boolean][] = [
      ["", anAlert(), true],
      ["", over, false],
      ["state=all", over, true],
      ["state=acknowledged", anAlert(), false],
      ["state=acknowledged", anAlert(seen), true],
      ["state=unacknowledged", anAlert({ active: false }), true],
      ["", anAlert({ shelved }), false],
      ["state=unacknowledged", anAlert({ shelved }), false],
      ["state=shelved", anAlert({ shelved }), true],
      ["state=shelved", anAlert(), false],
      ["severity=critical", anAlert(), false],
      ["severity=critical,high", anAlert(), true],
      ["camera=nga-tu-1/north", anAlert(), true],
      ["camera=nga-tu-1/south", anAlert(), false],
      ["camera=nga-tu-1/", anAlert({ camera: null }), true],
    ];
    for (const [query, alert, wanted] of table) expect(fits(alert, read(query)), query).toBe(wanted);
  });
});

test("open alerts are counted by severity", () => {
  const alerts = SEVERITIES.flatMap((severity, i) =>
    Array.from({ length: i + 1 }, (_, j) => anAlert({ id: `${severity}${j}`, severity })),
  );
  const counts = countOpen([...alerts, anAlert({ id: "over", severity: "critical", active: false, ...seen })]);
  expect(counts).toEqual({ critical: 1, high: 2, medium: 3, low: 4 });
});

describe("alerts that had no room", () => {
  const at = (id: string, severity: Alert["severity"], raised_at: string) => anAlert({ id, severity, raised_at });

  test("are of the least grave severity that is here and below, and older", () => {
    const here = [
      at("a", "critical", "2026-11-22T01:00:00Z"),
      at("b", "high", "2026-11-22T03:00:00Z"),
      at("c", "high", "2026-11-22T02:00:00Z"),
      anAlert({ id: "d", severity: "low", active: false, acknowledged_at: "2026-11-22T02:00:00Z" }),
    ];
    expect(severitiesLeftOut(here)).toEqual(["high", "medium", "low"]);
    expect(oldestOf("high", here)).toBe("2026-11-22T02:00:00Z");
    expect(oldestOf("medium", here)).toBeUndefined();
    expect(severitiesLeftOut([])).toEqual(SEVERITIES);
  });
});

describe("moving by keys", () => {
  test("starts at an end and stops at the other", () => {
    const shown = ["a", "b", "c"];
    expect(stepFrom(shown, null, 1)).toBe("a");
    expect(stepFrom(shown, null, -1)).toBe("c");
    expect(stepFrom(shown, "gone", 1)).toBe("a");
    expect(stepFrom(shown, "b", 1)).toBe("c");
    expect(stepFrom(shown, "c", 1)).toBe("c");
    expect(stepFrom(shown, "a", -1)).toBe("a");
    expect(stepFrom([], null, 1)).toBeNull();
  });

  test("after an acknowledgement leads to the next one to do: below, else above, else nowhere", () => {
    const toDo = new Set(["a", "d"]);
    const isToDo = (id: string) => toDo.has(id);
    expect(nextToDo(["a", "b", "c", "d"], "b", isToDo)).toBe("d");
    expect(nextToDo(["a", "b", "c"], "b", isToDo)).toBe("a");
    expect(nextToDo(["b", "c"], "b", isToDo)).toBe("b");
  });
});
