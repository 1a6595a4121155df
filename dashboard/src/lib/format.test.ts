import { describe, expect, test } from "vitest";
import { ageMs, bytes, dateTime, duration, number, percent, runs, shortTime, timeOfDay } from "./format";

describe("times", () => {
  test("are written dd/MM/yyyy HH:mm:ss in Viet Nam", () => {
    const table: [string, string][] = [
      ["2026-11-22T08:00:00.123Z", "22/11/2026 15:00:00"],
      ["2026-11-22T17:00:00Z", "23/11/2026 00:00:00"],
      ["2026-12-31T16:59:59Z", "31/12/2026 23:59:59"],
      ["2026-12-31T17:00:00Z", "01/01/2027 00:00:00"],
      ["2024-02-28T20:00:00+00:00", "29/02/2024 03:00:00"],
      ["2026-11-22T08:00:00+07:00", "22/11/2026 08:00:00"],
    ];
    for (const [at, wanted] of table) expect(dateTime(at)).toBe(wanted);
    expect(timeOfDay("2026-11-22T08:00:00Z")).toBe("15:00:00");
  });

  test("that are none are a dash", () => {
    for (const at of [null, "", "yesterday"]) expect(dateTime(at)).toBe("–");
    expect(ageMs("soon", 0)).toBeNull();
    expect(ageMs(null, 0)).toBeNull();
  });

  test("do not depend on this machine's zone", () => {
    const before = process.env["TZ"];
    for (const zone of ["America/New_York", "Pacific/Kiritimati", "UTC"]) {
      process.env["TZ"] = zone;
      expect(dateTime("2026-11-22T17:00:00Z")).toBe("23/11/2026 00:00:00");
    }
    if (before === undefined) delete process.env["TZ"];
    else process.env["TZ"] = before;
  });

  test("of the same day leave the date out", () => {
    const now = Date.parse("2026-11-22T16:00:00Z");
    expect(shortTime("2026-11-22T08:00:00Z", now)).toBe("15:00:00");
    // 23:00 and 00:30 in Viet Nam lie in two days though in one of UTC.
    expect(shortTime("2026-11-22T17:30:00Z", now)).toBe("23/11/2026 00:30:00");
  });
});

describe("ages", () => {
  test("are said in the largest units", () => {
    const s = 1000;
    const table: [number, string, string][] = [
      [0, "0 giây", "0 s"],
      [999, "0 giây", "0 s"],
      [12 * s, "12 giây", "12 s"],
      [59.9 * s, "59 giây", "59 s"],
      [60 * s, "1 phút", "1 min"],
      [3599 * s, "59 phút", "59 min"],
      [3600 * s, "1 giờ", "1 h"],
      [7500 * s, "2 giờ 5 phút", "2 h 5 min"],
      [86_400 * s, "1 ngày", "1 d"],
      [100_000 * s, "1 ngày 3 giờ", "1 d 3 h"],
      [-5 * s, "0 giây", "0 s"],
    ];
    for (const [ms, vi, en] of table) {
      expect(duration(ms, "vi")).toBe(vi);
      expect(duration(ms, "en")).toBe(en);
    }
  });

  test("never become shorter as time goes by", () => {
    const seconds = (text: string) => {
      const unit: Record<string, number> = { s: 1, min: 60, h: 3600, d: 86_400 };
      const parts = text.split(" ");
      let sum = 0;
      for (let i = 0; i < parts.length; i += 2) sum += Number(parts[i]) * (unit[parts[i + 1] ?? ""] ?? Number.NaN);
      return sum;
    };
    let last = 0;
    for (let ms = 0; ms < 200_000_000; ms += 37_111) {
      const now = seconds(duration(ms, "en"));
      expect(now).toBeGreaterThanOrEqual(last);
      expect(now * 1000).toBeLessThanOrEqual(ms);
      last = now;
    }
  });

  test("are never below zero when two clocks disagree", () => {
    expect(ageMs("2026-11-22T08:00:05Z", Date.parse("2026-11-22T08:00:00Z"))).toBe(0);
  });
});

describe("figures", () => {
  test("are grouped as each language does", () => {
    const table: [number, number, string, string][] = [
      [0, 0, "0", "0"],
      [1234567, 0, "1.234.567", "1,234,567"],
      [999.95, 1, "1.000,0", "1,000.0"],
      [-4200, 0, "−4.200", "−4,200"],
      [-0.01, 1, "0,0", "0.0"],
      [Number.NaN, 0, "–", "–"],
    ];
    for (const [value, decimals, vi, en] of table) {
      expect(number(value, "vi", decimals)).toBe(vi);
      expect(number(value, "en", decimals)).toBe(en);
    }
  });

  test("sizes take the unit that reads best", () => {
    expect(bytes(0, "vi")).toBe("0 B");
    expect(bytes(999, "en")).toBe("999 B");
    expect(bytes(31_240_000_000, "vi")).toBe("31,2 GB");
    expect(bytes(999_700_000, "en")).toBe("1.0 GB");
    expect(bytes(250e12, "en")).toBe("250 TB");
  });

  test("a share is never rounded to whole or to nothing", () => {
    expect(percent(1, "vi")).toBe("100 %");
    expect(percent(0.99999, "vi")).toBe("99,9 %");
    expect(percent(0.00001, "en")).toBe("0.1 %");
    expect(percent(0, "en")).toBe("0 %");
    expect(percent(0.835, "en")).toBe("83.5 %");
  });

  test("runs of numbers are short", () => {
    expect(runs([[120, 122], [200, 200]], "vi")).toBe("120–122; 200");
    expect(runs([[1, 1], [3, 3], [5, 5], [7, 7], [9, 9]], "en")).toBe("1; 3; 5; 7 …");
    expect(runs([], "en")).toBe("");
  });
});
