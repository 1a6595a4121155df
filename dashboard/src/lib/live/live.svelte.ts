/** The one websocket of this page and what it has brought: alerts, the state of the connection, the age of the data. */

import { api, whenContact } from "../api/client";
import type { Alert, Incident, Readiness } from "../api/types";
import { clock } from "../clock.svelte";
import { Poll } from "../poll.svelte";
import { Connection, type SocketLike, type Status } from "./connection";
import { callingOf, type Callings, NO_CALLS, reduceCalls, toAsk } from "./calling";
import { floodAt, type FloodState, NO_FLOOD, reconnected, reduceFlood } from "./flood";
import type { Frame, ReportFrame } from "./frames";
import { keepKnown, knownFor, toKeep } from "./kept";
import { type IncidentsState, mergeIncident, NO_INCIDENTS, reduceIncidents } from "./incidents";
import { isBehind, type LiveState, merge, NOTHING_YET, reduce, urgentNews } from "./reducer";

/** Data older than this is said to be old. */
const STALE_MS = 5000;
/** Incidents whose logs are read at the start, because they call: more at once nobody can answer. */
const MOST_ASKED = 20;

function openSocket(path: string): SocketLike {
  const address = new URL(path, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(address) as unknown as SocketLike;
}

class Live {
  #state = $state.raw<LiveState>(NOTHING_YET);
  #incidents = $state.raw<IncidentsState>(NO_INCIDENTS);
  #flood = $state.raw<FloodState>(NO_FLOOD);
  #calls = $state.raw<Callings>(NO_CALLS);
  status = $state.raw<Status>({ kind: "stopped" });
  /** The newest urgent alerts, to be called out. */
  urgent = $state.raw<Alert[]>([]);
  /** Grows whenever reports are to be looked at again: one came or changed, or some may have been missed. */
  reportBell = $state(0);
  /** Reports that came since somebody last looked at the list. */
  newReports = $state(0);
  /** When the data was last known to be complete, by this machine's clock. */
  freshAt = $state(Date.now());
  readiness = new Poll<Readiness>(api.readiness, 3000);

  alerts = $derived(this.#state.alerts);
  incidents = $derived(this.#incidents.incidents);
  /** Who is called to which incident. */
  callings = $derived(this.#calls);
  /** Open alerts, and unfinished incidents, that the center has and that are not here because there are too many. */
  leftOut = $derived(this.#state.leftOut);
  incidentsLeftOut = $derived(this.#incidents.leftOut);
  /** Whether it shows what was known before the page was loaded anew, because no snapshot has come yet. */
  isFromBefore = $state(false);
  hasSnapshot = $derived(this.#state.seq !== null || this.isFromBefore);
  isLive = $derived(this.status.kind === "live");
  /** How old the data is; reads the clock so that it ticks, though both times are this machine's. */
  ageMs = $derived(Math.max(0, Date.now() - this.freshAt + 0 * clock.now));
  isStale = $derived(this.ageMs > STALE_MS);
  /** That alerts come faster than they can be worked; null when they do not. */
  flood = $derived(floodAt(this.#flood, Date.now() + 0 * clock.now));

  #connection: Connection | null = null;

  /**
   * Keeps the socket until the returned function is called. `refused` may find that the session has ended. Until the first
   * snapshot it shows what this person's tab knew before it was loaded anew.
   */
  start(person: string, refused: () => void): () => void {
    this.#forget();
    const known = knownFor(person);
    if (known) {
      this.#state = merge(NOTHING_YET, known.alerts);
      this.#incidents = { ...NO_INCIDENTS, incidents: new Map(known.incidents.map((one) => [one.id, one])) };
    }
    this.freshAt = known?.at ?? Date.now();
    this.isFromBefore = known !== null;
    const connection = new Connection(
      {
        open: openSocket,
        now: () => Date.now(),
        after: (ms, run) => {
          const timer = setTimeout(run, ms);
          return () => clearTimeout(timer);
        },
        chance: Math.random,
      },
      {
        frames: (frames) => this.#take(frames),
        status: (status) => {
          this.status = status;
          if (status.kind !== "live") return;
          this.freshAt = Date.now();
          this.#flood = reconnected(this.#flood, Date.now());
          // Reports have no number to resume after.
          this.reportBell += 1;
        },
        refused,
        cursor: () => (this.#state.isRewound || this.#incidents.isRewound ? null : this.#state.seq),
        incidentCursor: () => this.#incidents.seq,
      },
    );
    this.#connection = connection;
    whenContact(() => {
      // An answer shows that the center is there; only an open socket makes the data complete.
      if (this.isLive) this.freshAt = Date.now();
      else connection.hurry();
    });
    const hurry = () => connection.hurry();
    const keep = () => {
      if (this.hasSnapshot) keepKnown(toKeep(person, this.freshAt, this.alerts.values(), this.incidents.values()));
    };
    addEventListener("online", hurry);
    addEventListener("pagehide", keep);
    connection.start(known?.at);
    const stopAsking = this.readiness.start();
    return () => {
      stopAsking();
      removeEventListener("online", hurry);
      removeEventListener("pagehide", keep);
      whenContact(() => {});
      connection.stop();
      this.#connection = null;
      this.#forget();
    };
  }

  #forget(): void {
    this.#state = NOTHING_YET;
    this.#incidents = NO_INCIDENTS;
    this.#flood = NO_FLOOD;
    this.#calls = NO_CALLS;
    this.isFromBefore = false;
    this.newReports = 0;
  }

  /** Tries to reconnect now. */
  hurry(): void {
    this.#connection?.hurry();
  }

  /** Takes alerts that came by REST. */
  merge(alerts: readonly Alert[]): void {
    this.#state = merge(this.#state, alerts);
  }

  /** Takes an incident that came by REST. */
  mergeIncident(incident: Incident): void {
    this.#incidents = mergeIncident(this.#incidents, incident);
  }

  /** Whom those incidents call that called before this page was there: their logs say it. */
  async #askCalls(): Promise<void> {
    try {
      const { items } = await api.dispatches({ limit: 500 });
      const unanswered = new Set(items.filter((dispatch) => dispatch.passed_on).map((dispatch) => dispatch.incident));
      for (const id of toAsk(this.#calls, this.incidents.values(), unanswered).slice(0, MOST_ASKED)) {
        const { incident, log } = await api.incident(id);
        const calling = callingOf(incident, log);
        // What came live meanwhile is newer.
        const known = this.incidents.get(id);
        if (calling && known && known.seq <= incident.seq && !this.#calls.has(id)) this.#calls = new Map([...this.#calls, [id, calling]]);
      }
    } catch {
      // Who may not read dispatches is called by nobody; and a clock calls again.
    }
  }

  #take(frames: Frame[]): "go_on" | "resume" | "start_over" {
    if (frames.length > 0) {
      this.#state = reduce(this.#state, frames);
      if (this.#state.seq !== null) this.isFromBefore = false;
      this.#incidents = reduceIncidents(this.#incidents, frames);
      this.#flood = reduceFlood(this.#flood, frames);
      this.#calls = reduceCalls(this.#calls, frames);
      if (frames.some((frame) => frame.type === "snapshot")) void this.#askCalls();
      this.freshAt = Date.now();
      const timed = frames.findLast((frame) => frame.type === "snapshot" || frame.type === "heartbeat");
      if (timed && "now" in timed) clock.follow(timed.now);
      const urgent = urgentNews(frames);
      if (urgent.length > 0) this.urgent = urgent;
      const reports = frames.filter((frame): frame is ReportFrame => frame.type === "report");
      if (reports.length > 0) this.reportBell += 1;
      this.newReports += reports.filter((frame) => frame.change === "filed").length;
    }
    if (this.#state.isRewound || this.#incidents.isRewound) return "start_over";
    return isBehind(this.#state) ? "resume" : "go_on";
  }
}

export const live = new Live();
