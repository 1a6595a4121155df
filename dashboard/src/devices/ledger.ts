/** The ledger in words' terms: how whole each lane is. Pure. */

import { LANES, type Ledger, type LedgerLine } from "../lib/api/types";

export type Verdict = "complete" | "pending" | "lost" | "empty";

export interface Judged {
  line: LedgerLine;
  verdict: Verdict;
  /** Share of the known numbers that arrived or were settled before, 0..=1; null when there are none. */
  coverage: number | null;
}

/** Lost outweighs pending: what is lost does not come back. */
export function judge(line: LedgerLine): Judged {
  const total = line.highest;
  const missing = line.lost + line.pending_count;
  const coverage = total > 0 ? Math.max(0, total - missing) / total : null;
  const verdict = line.lost > 0 ? "lost" : line.pending_count > 0 ? "pending" : total > 0 ? "complete" : "empty";
  return { line, verdict, coverage };
}

const laneRank = (lane: string) => {
  const at = (LANES as readonly string[]).indexOf(lane);
  return at === -1 ? LANES.length : at;
};

/** By device, then the newest outbox first, then in the order in which lanes drain. */
export function inLedgerOrder(lines: readonly LedgerLine[]): Judged[] {
  const newest = new Map<string, string>();
  for (const line of lines) {
    const at = newest.get(line.outbox);
    if (at === undefined || line.updated_at > at) newest.set(line.outbox, line.updated_at);
  }
  const outboxRank = (a: LedgerLine, b: LedgerLine) =>
    (newest.get(b.outbox) ?? "").localeCompare(newest.get(a.outbox) ?? "") || a.outbox.localeCompare(b.outbox);
  return [...lines]
    .sort(
      (a, b) =>
        a.edge.localeCompare(b.edge) ||
        (a.outbox === b.outbox ? 0 : outboxRank(a, b)) ||
        laneRank(a.lane) - laneRank(b.lane),
    )
    .map(judge);
}

/** What the center did not take of a device since it started. */
export interface LeftOut {
  /** Deliveries put back under load, in the order in which lanes are put back: the first goes first. */
  shed: { lane: string; payloads: number }[];
  /** Words of events that only a newer version knows. */
  unknown: number;
}

export function leftOut(ledger: Pick<Ledger, "shed" | "unknown"> | null | undefined, edge: string): LeftOut {
  const shed = (ledger?.shed ?? [])
    .filter((item) => item.edge === edge)
    .map(({ lane, payloads }) => ({ lane, payloads }))
    .sort((a, b) => laneRank(b.lane) - laneRank(a.lane));
  return { shed, unknown: ledger?.unknown.find((item) => item.edge === edge)?.words ?? 0 };
}
