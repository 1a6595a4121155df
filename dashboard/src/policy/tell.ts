/** A policy in sentences, and the small sums of its form. Pure. */

import type { Language } from "../lib/api/types";
import { dateTime, number } from "../lib/format";
import type { Words } from "../lib/i18n/vi";
import type { Hours, Matcher, PolicyBody, PolicyRule } from "./api";

export interface Names {
  cameras: ReadonlyMap<string, string>;
  areas: ReadonlyMap<string, string>;
}

const kind = (name: string, t: Words) => (t.kinds as Record<string, string>)[name] ?? name.replaceAll("_", " ");

/** What an event must be, as one line; in words "everything" when nothing is asked. */
export function matcherText(when: Matcher | undefined, t: Words, language: Language, names: Names): string {
  const p = t.policy;
  const parts: string[] = [];
  const list = (words: readonly string[] | undefined, of: (word: string) => string = (word) => word) =>
    words && words.length > 0 ? words.map(of).join(", ") : "";
  const add = (label: string, text: string) => {
    if (text !== "") parts.push(`${label} ${text}`);
  };
  add("", list(when?.kinds, (name) => kind(name, t)));
  add(p.atCameras, list(when?.cameras, (id) => names.cameras.get(id) ?? id));
  add(p.atEdges, list(when?.edges));
  add(p.inAreas, list(when?.areas, (id) => names.areas.get(id) ?? id));
  add(p.inZones, list(when?.zones));
  add(p.ofRules, list(when?.rules));
  add(p.ofClasses, list(when?.classes, (name) => (t.roadUsers as Record<string, string>)[name] ?? name));
  if (typeof when?.min_confidence === "number") parts.push(p.atLeastSure(number(when.min_confidence * 100, language)));
  if (typeof when?.below_confidence === "number") parts.push(p.lessSure(number(when.below_confidence * 100, language)));
  for (const hours of (when?.hours ?? []) as unknown as Hours[]) parts.push(hoursText(hours, t));
  const text = parts.map((part) => part.trim()).join("; ");
  return text === "" ? p.everything : text;
}

export function hoursText({ days, from, to }: Hours, t: Words): string {
  const named = (days ?? []).map((day) => t.policy.days[day] ?? day).join(", ");
  return named === "" ? t.policy.hours(from, to) : `${named} ${t.policy.hours(from, to)}`;
}

/** What becomes of the events that fit. */
export function outcomeText(rule: PolicyRule, t: Words, language: Language): string {
  const p = t.policy;
  if (rule.alert === false) return p.noAlert;
  const parts = [rule.severity ? p.asSeverity(t.severity[rule.severity]) : p.asKind];
  if (rule.hold_off_s) parts.push(p.after(number(rule.hold_off_s, language, Number.isInteger(rule.hold_off_s) ? 0 : 1)));
  if (rule.group) {
    const by = (rule.group.by ?? []).map((word) => p.groupBy[word]).join(", ");
    parts.push(p.grouped(by === "" ? p.cameraOnly : by, number(rule.group.within_s ?? 60, language)));
    if (typeof rule.group.metres === "number") parts.push(p.neighbours(number(rule.group.metres, language)));
  }
  if (rule.incident) parts.push(p.opensIncident);
  return parts.join("; ");
}

export function maintenanceText(from: string, until: string): string {
  return `${dateTime(from)} – ${dateTime(until)}`;
}

/** Words that were typed with commas or lines between. */
export function wordsOf(text: string): string[] {
  return [...new Set(text.split(/[,\n]/).map((word) => word.trim()).filter((word) => word !== ""))];
}

/** A copy in which empty lists and empty conditions are left out, as the center writes it itself. */
export function tidy(body: PolicyBody): PolicyBody {
  const matcher = (when: Matcher | undefined): Matcher => {
    const given = Object.entries(when ?? {}).filter(
      ([, value]) => value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0),
    );
    return Object.fromEntries(given) as Matcher;
  };
  return {
    ...body,
    rule: (body.rule ?? []).map((rule) => {
      const { severity, group, hold_off_s, incident, alert, ...rest } = rule;
      const kept: PolicyRule = { ...rest, name: (rule.name ?? "").trim(), when: matcher(rule.when) };
      // What is not an alert has nothing else.
      if (alert === false) return { ...kept, alert, ...(hold_off_s ? { hold_off_s } : {}) };
      return {
        ...kept,
        ...(alert === true ? { alert } : {}),
        ...(severity ? { severity } : {}),
        ...(hold_off_s ? { hold_off_s } : {}),
        ...(group ? { group } : {}),
        ...(incident ? { incident } : {}),
      };
    }),
    maintenance: (body.maintenance ?? []).map((window) => ({ ...window, when: matcher(window.when) })),
  };
}

/** The list with one row moved by one place; the same list when there is no such place. */
export function moved<T>(rows: readonly T[], at: number, by: 1 | -1): T[] {
  const to = at + by;
  const result = [...rows];
  const [row] = result.splice(at, 1);
  if (row === undefined || to < 0 || to >= rows.length) return [...rows];
  result.splice(to, 0, row);
  return result;
}

/** `2026-11-22T15:00` in Viet Nam, as `<input type=datetime-local>` writes it, as a time; null when it is none. */
export function fromLocal(text: string): string | null {
  const ms = Date.parse(`${text}:00+07:00`);
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) && Number.isFinite(ms) ? new Date(ms).toISOString() : null;
}

/** The other way round. */
export function toLocal(at: string | number): string {
  const ms = typeof at === "number" ? at : Date.parse(at);
  return Number.isFinite(ms) ? new Date(ms + 7 * 3_600_000).toISOString().slice(0, 16) : "";
}
