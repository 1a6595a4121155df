/** Alerts that the websocket does not bring, older ones and those that had no room: fetched page by page for the filters that want them. */

import { api } from "../lib/api/client";
import type { Alert } from "../lib/api/types";
import type { Filter } from "./queue";

const PAGE = 50;

export class History {
  alerts = $state.raw<Alert[]>([]);
  hasMore = $state(false);
  isBusy = $state(false);
  hasFailed = $state(false);
  #cursor: string | null = null;
  #before: string | undefined;
  #turn = 0;

  /** Whether a filter shows alerts that are over. */
  static isWanted(filter: Filter): boolean {
    return filter.state === "all" || filter.state === "acknowledged" || filter.state === "shelved";
  }

  /** Whether a filter shows of those that had no room: the center is asked for one severity at a time. */
  static mayLackSome(filter: Filter): boolean {
    return !History.isWanted(filter) && filter.severities.length === 1;
  }

  /**
   * Forgets what it has and fetches the first page, if the filter wants one. `lacking` says that open alerts are missing here;
   * those of the filter's severity were raised before `before`, which is undefined when all may be missing.
   */
  async begin(filter: Filter, lacking: { before: string | undefined } | null): Promise<void> {
    this.#turn += 1;
    this.#cursor = null;
    this.#before = undefined;
    this.alerts = [];
    this.hasMore = false;
    this.hasFailed = false;
    const lacks = lacking !== null && History.mayLackSome(filter);
    if (lacks) this.#before = lacking.before;
    if (lacks || History.isWanted(filter)) await this.more(filter);
  }

  async more(filter: Filter): Promise<void> {
    const turn = this.#turn;
    const [edge, camera] = filter.camera.split("/", 2);
    this.isBusy = true;
    try {
      const page = await api.alerts({
        state: filter.state === "unacknowledged" ? "open" : filter.state,
        limit: PAGE,
        ...(filter.severities.length === 1 && filter.severities[0] ? { severity: filter.severities[0] } : {}),
        ...(edge ? { edge } : {}),
        ...(camera ? { camera } : {}),
        ...(this.#before ? { to: this.#before } : {}),
        ...(this.#cursor ? { cursor: this.#cursor } : {}),
      });
      if (turn !== this.#turn) return;
      this.alerts = [...this.alerts, ...page.items];
      this.#cursor = page.next_cursor;
      this.hasMore = page.next_cursor !== null;
      this.hasFailed = false;
    } catch {
      if (turn === this.#turn) this.hasFailed = true;
    } finally {
      if (turn === this.#turn) this.isBusy = false;
    }
  }
}
