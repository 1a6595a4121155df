/** Why an alert was raised, in the reader's words: `ở trong vùng 31,2 giây (ngưỡng 30 giây)`. Pure. */

import type { components } from "./api/schema";
import type { Language } from "./api/types";
import type { Words } from "./i18n/vi";

export type Reason = components["schemas"]["Reason"];
type Fact = Reason["facts"][number];

/** One line with every measured value; null when the device sent none. */
export function reasonText(why: Reason | null, t: Words, language: Language): string | null {
  if (!why) return null;
  const parts = why.facts.map((fact) => factText(fact, t, language));
  if (why.ended) parts.push(t.reason.ended[why.ended as keyof Words["reason"]["ended"]] ?? why.ended);
  if (why.note) parts.push(why.note);
  return parts.length > 0 ? parts.join("; ") : null;
}

function factText(fact: Fact, t: Words, language: Language): string {
  const name = t.reason.measures[fact.measure as keyof Words["reason"]["measures"]] ?? fact.measure;
  let value = quantity(fact.value, fact, t, language);
  if (fact.plus_minus !== null && fact.plus_minus !== undefined) {
    value += ` ± ${quantity(fact.plus_minus, fact, t, language)}`;
  }
  if (fact.threshold === null || fact.threshold === undefined) return `${name} ${value}`;
  return `${name} ${value} (${t.reason.threshold(quantity(fact.threshold, fact, t, language))})`;
}

/** Units that are written alike everywhere. */
const SYMBOLS: Record<string, string> = { "1": "", deg: "°", "m/s2": "m/s²" };
const SHARES = ["picture_share", "sharpness", "shift", "score"];

function quantity(value: number, fact: Fact, t: Words, language: Language): string {
  const share = SHARES.includes(fact.measure);
  const figure = new Intl.NumberFormat(language === "vi" ? "vi-VN" : "en-GB", {
    maximumFractionDigits: fact.unit === "1" && !share ? 1 : share ? 0 : Math.abs(value) < 100 ? 1 : 0,
    ...(share ? { style: "percent" as const } : {}),
  }).format(value);
  const unit = t.reason.units[fact.unit as keyof Words["reason"]["units"]] ?? SYMBOLS[fact.unit] ?? fact.unit;
  return unit === "" ? figure : `${figure} ${unit}`;
}
