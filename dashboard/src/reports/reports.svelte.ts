/**
 * The reports that are known to this page: asked for when the center says that one came or changed, and rarely besides,
 * because each look is in the audit.
 */

import { onceKey } from "../lib/api/client";
import { Poll } from "../lib/poll.svelte";
import { explain } from "../lib/ui/doing.svelte";
import { type Report, type ReportPage, reportsApi } from "./api";

const EVERY_MS = 60_000;
/** Bells that ring within this time are one look. */
const GATHER_MS = 400;
const PAGE = 100;

export class Reports {
  /** Also those that were answered. */
  showsAll = $state(false);
  poll = new Poll<ReportPage>(() => this.#ask(), EVERY_MS);
  /** What came beyond the first page. */
  #further = $state.raw<readonly Report[]>([]);
  /** What people here changed, and when they had the answer. */
  #changed = $state.raw<ReadonlyMap<string, { report: Report; at: number }>>(new Map());
  /** When the newest page was asked for: what was changed later is not in it. */
  #askedAt = $state(0);
  #cursor = $state<string | null | undefined>(undefined);
  isLoadingMore = $state(false);
  #soon: ReturnType<typeof setTimeout> | undefined;

  items = $derived.by(() => {
    const all = new Map(this.#further.map((report) => [report.number, report]));
    for (const report of this.poll.value?.items ?? []) all.set(report.number, report);
    for (const [number, { report, at }] of this.#changed) if (at >= this.#askedAt) all.set(number, report);
    return all;
  });
  nextCursor = $derived(this.#cursor === undefined ? (this.poll.value?.next_cursor ?? null) : this.#cursor);

  start(): () => void {
    this.#further = [];
    this.#cursor = undefined;
    this.poll.value = null;
    const stop = this.poll.start();
    return () => {
      clearTimeout(this.#soon);
      this.#soon = undefined;
      stop();
    };
  }

  /** Looks again soon: something came or changed. */
  ring(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.poll.again();
    }, GATHER_MS);
  }

  async loadMore(): Promise<void> {
    const cursor = this.nextCursor;
    if (cursor === null || this.isLoadingMore) return;
    this.isLoadingMore = true;
    try {
      const page = await reportsApi.list({ ...(this.showsAll ? {} : { unanswered: true }), limit: PAGE, cursor });
      this.#further = [...this.#further, ...page.items];
      this.#cursor = page.next_cursor;
    } catch {
      // The button stays, to be pressed again.
    } finally {
      this.isLoadingMore = false;
    }
  }

  /** Does it; returns the report after it, or in words what went wrong. */
  async act(report: Report, act: "answer" | "reject" | "link" | "place", text: string | undefined): Promise<Report | string> {
    const key = onceKey();
    try {
      const after =
        act === "link"
          ? await reportsApi.link(report.number, text, key)
          : await reportsApi[act](report.number, text ?? "", key);
      this.#changed = new Map([...this.#changed, [after.number, { report: after, at: Date.now() }]]);
      return after;
    } catch (error) {
      return explain(error);
    }
  }

  /** One that is in the list, or was until somebody here answered it. */
  find(number: string): Report | undefined {
    return this.items.get(number) ?? this.#changed.get(number)?.report;
  }

  async #ask(): Promise<ReportPage> {
    const askedAt = Date.now();
    const page = await reportsApi.list(this.showsAll ? { limit: PAGE } : { unanswered: true, limit: PAGE });
    this.#askedAt = askedAt;
    return page;
  }
}
