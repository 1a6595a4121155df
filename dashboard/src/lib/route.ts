/** Where the operator is, as the part of the address after `#`: `#/alerts?severity=high`, and who has which screen. Pure. */

import type { Role } from "./api/types";

/** In the order of the navigation; the keys 1 to 9 follow it. */
export const SCREENS = ["alerts", "incidents", "reports", "cameras", "devices", "load", "policy", "people", "audit"] as const;
export type Screen = (typeof SCREENS)[number];

/** Screens that the center answers to some roles only; all others are for everybody who has the shell. */
const ONLY: Partial<Record<Screen, readonly Role[]>> = {
  reports: ["operator", "supervisor", "admin"],
  people: ["admin"],
  audit: ["supervisor", "admin"],
};

/** The screens that a person of that role has. */
export function screensOf(role: Role | undefined): Screen[] {
  return SCREENS.filter((screen) => role !== undefined && (ONLY[screen]?.includes(role) ?? true));
}

export interface Route {
  screen: Screen;
  query: URLSearchParams;
}

/** Reads an address's hash; what is unknown leads to the alerts. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const screen = SCREENS.find((name) => name === path) ?? "alerts";
  return { screen, query: new URLSearchParams(query) };
}

/** The hash for a route; empty values are left out. */
export function formatRoute(screen: Screen, query: Record<string, string | null | undefined> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const text = new URLSearchParams(given).toString();
  return text === "" ? `#/${screen}` : `#/${screen}?${text}`;
}
