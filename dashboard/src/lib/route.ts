/** Where the operator is, as the part of the address after `#`: `#/alerts?severity=high`. Pure. */

export const SCREENS = ["alerts", "incidents", "cameras", "devices"] as const;
export type Screen = (typeof SCREENS)[number];

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
