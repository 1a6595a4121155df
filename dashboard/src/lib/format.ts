/** Times, ages and figures as people read them. Pure: the same on every machine, whatever its zone. */

import type { Language } from "./api/types";

/** Viet Nam has one zone and no summer time. */
const ZONE_MS = 7 * 3600 * 1000;
const two = (n: number) => String(n).padStart(2, "0");

/** dd/MM/yyyy HH:mm:ss in Viet Nam; a dash when there is no such time. */
export function dateTime(at: string | number | null): string {
  const local = inVietnam(at);
  return local ? `${date(local)} ${time(local)}` : "–";
}

/** HH:mm:ss in Viet Nam. */
export function timeOfDay(at: string | number | null): string {
  const local = inVietnam(at);
  return local ? time(local) : "–";
}

/** HH:mm:ss when it is the same day in Viet Nam as `now`, else with the date. */
export function shortTime(at: string | number | null, now: number): string {
  const local = inVietnam(at);
  const today = inVietnam(now);
  if (!local || !today) return "–";
  return date(local) === date(today) ? time(local) : `${date(local)} ${time(local)}`;
}

function inVietnam(at: string | number | null): Date | null {
  if (at === null) return null;
  const ms = typeof at === "number" ? at : Date.parse(at);
  return Number.isFinite(ms) ? new Date(ms + ZONE_MS) : null;
}

const date = (local: Date) =>
  `${two(local.getUTCDate())}/${two(local.getUTCMonth() + 1)}/${String(local.getUTCFullYear()).padStart(4, "0")}`;
const time = (local: Date) =>
  `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`;

/** Milliseconds from `at` to `now`, not below 0; null when there is no such time. */
export function ageMs(at: string | null, now: number): number | null {
  const ms = at === null ? Number.NaN : Date.parse(at);
  return Number.isFinite(ms) ? Math.max(0, now - ms) : null;
}

const UNITS = {
  vi: { s: "giây", min: "phút", h: "giờ", d: "ngày" },
  en: { s: "s", min: "min", h: "h", d: "d" },
} as const;

/** A duration in its two largest units from an hour on, in its largest below: `42 giây`, `5 phút`, `2 giờ 5 phút`. */
export function duration(ms: number, language: Language): string {
  const unit = UNITS[language];
  const s = Math.floor(Math.max(0, ms) / 1000);
  const min = Math.floor(s / 60);
  const h = Math.floor(min / 60);
  const d = Math.floor(h / 24);
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string) =>
    small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
  if (d > 0) return pair(d, unit.d, h % 24, unit.h);
  if (h > 0) return pair(h, unit.h, min % 60, unit.min);
  return min > 0 ? `${min} ${unit.min}` : `${s} ${unit.s}`;
}

const separators = { vi: { group: ".", decimal: "," }, en: { group: ",", decimal: "." } } as const;

/** A number with grouped thousands and a fixed count of decimals. */
export function number(value: number, language: Language, decimals = 0): string {
  if (!Number.isFinite(value)) return "–";
  const { group, decimal } = separators[language];
  const [whole = "0", rest] = Math.abs(value).toFixed(decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, group);
  const isNegative = value < 0 && Number(value.toFixed(decimals)) !== 0;
  return `${isNegative ? "−" : ""}${grouped}${rest ? decimal + rest : ""}`;
}

/** A size in the decimal unit that leaves 1 to 3 digits before the comma. */
export function bytes(value: number, language: Language): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let scaled = value;
  let i = 0;
  while (scaled >= 999.5 && i < units.length - 1) {
    scaled /= 1000;
    i += 1;
  }
  return `${number(scaled, language, i === 0 || scaled >= 100 ? 0 : 1)} ${units[i]}`;
}

/** A share 0..=1 in percent. Never says 100 % of what is not whole, nor 0 % of what is not nothing. */
export function percent(share: number, language: Language): string {
  const tenths = Math.round(share * 1000);
  const bounded = share < 1 && tenths === 1000 ? 999 : share > 0 && tenths === 0 ? 1 : tenths;
  return `${number(bounded / 10, language, bounded % 10 === 0 ? 0 : 1)} %`;
}

/** Runs of numbers, each first and last, as `3, 7–9`, at most `limit` runs and then an ellipsis. */
export function runs(pairs: readonly (readonly number[])[], language: Language, limit = 4): string {
  const shown = pairs.slice(0, limit).map(([from = 0, to = from]) => {
    const first = number(from, language);
    return from === to ? first : `${first}–${number(to, language)}`;
  });
  return shown.join("; ") + (pairs.length > limit ? " …" : "");
}
