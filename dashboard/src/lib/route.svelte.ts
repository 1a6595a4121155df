/** The route in force, following the address. */

import { formatRoute, parseRoute, type Route, type Screen } from "./route";

class RouteInForce {
  #route = $state.raw<Route>(parseRoute(location.hash));

  constructor() {
    addEventListener("hashchange", () => {
      this.#route = parseRoute(location.hash);
    });
  }

  get screen(): Screen {
    return this.#route.screen;
  }

  get(key: string): string {
    return this.#route.query.get(key) ?? "";
  }

  /** Changes some of the query and keeps the rest; null takes a key out. Adds no step to the history. */
  set(change: Record<string, string | null>): void {
    // The address itself counts: it may have moved on before its event has come.
    const current = parseRoute(location.hash);
    const query = { ...Object.fromEntries(current.query), ...change };
    history.replaceState(null, "", formatRoute(current.screen, query));
    this.#route = parseRoute(location.hash);
  }
}

export const route = new RouteInForce();
