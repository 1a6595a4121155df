/**
 * One websocket that is always being kept: opened, watched, reopened where it stopped. Sockets, timers and chance are
 * handed in, so that tests hold them. What the frames mean is the reducer's business.
 */

import { type Frame, parseFrame } from "./frames";

export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  close(): void;
}

export interface Surroundings {
  open(path: string): SocketLike;
  now(): number;
  after(ms: number, run: () => void): () => void;
  /** 0 ≤ x < 1. */
  chance(): number;
}

export type Status =
  | { kind: "connecting"; since: number }
  | { kind: "live"; since: number }
  | { kind: "reconnecting"; since: number; attempt: number }
  | { kind: "stopped" };

export interface Listener {
  /** Frames that came together, in order. Returns what the socket should do next. */
  frames(frames: Frame[]): "go_on" | "resume" | "start_over";
  status(status: Status): void;
  /** The socket closed without ever opening: the session may have ended. */
  refused(): void;
  /** What to resume after; null for a snapshot. */
  cursor(): number | null;
  /** The number of the last change of an incident that came with that; null when none did. */
  incidentCursor?(): number | null;
}

/** Heartbeats come every 15 s; silence longer than this is a dead socket. */
export const SILENCE_MS = 20_000;
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 5_000;
/** Frames that come within this time are handed over together: one redraw for a burst. */
const GATHER_MS = 25;
/** A change may overtake its heartbeat by this much before it counts as missing. */
const BEHIND_GRACE_MS = 2_000;

/** The wait before attempt n (from 1): doubling, with half of it left to chance so that many browsers spread. */
export function waitMs(attempt: number, chance: number): number {
  const full = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, attempt - 1));
  return full / 2 + (full / 2) * chance;
}

function address(cursor: number | null, incidents: number | null): string {
  if (cursor === null) return "/api/v1/live";
  return `/api/v1/live?after=${cursor}${incidents === null ? "" : `&incidents_after=${incidents}`}`;
}

export class Connection {
  #socket: SocketLike | null = null;
  #gathered: Frame[] = [];
  #cancelGather: (() => void) | null = null;
  #cancelWatch: (() => void) | null = null;
  #cancelRetry: (() => void) | null = null;
  #cancelBehind: (() => void) | null = null;
  #attempt = 0;
  #downSince: number;
  #wasLive = false;
  #isStopped = true;

  constructor(
    private readonly around: Surroundings,
    private readonly listener: Listener,
  ) {
    this.#downSince = around.now();
  }

  /** `since` is when it was last connected, if that is known from before the page was loaded anew. */
  start(since = this.around.now()): void {
    this.#isStopped = false;
    this.#downSince = since;
    this.listener.status({ kind: "connecting", since: this.#downSince });
    this.#open();
  }

  stop(): void {
    this.#isStopped = true;
    this.#drop();
    this.#cancelRetry?.();
    this.listener.status({ kind: "stopped" });
  }

  /** Tries at once when it waits for its next attempt: the network came back, or the operator asks. */
  hurry(): void {
    if (this.#isStopped || this.#socket) return;
    this.#cancelRetry?.();
    this.#open();
  }

  #open(): void {
    this.#cancelRetry = null;
    const cursor = this.listener.cursor();
    const socket = this.around.open(address(cursor, this.listener.incidentCursor?.() ?? null));
    let opened = false;
    this.#socket = socket;
    this.#watch();
    socket.onopen = () => {
      opened = true;
      this.#watch();
      // After a number the center may have nothing to say until its heartbeat; a snapshot it always sends.
      if (cursor !== null) this.#live();
    };
    socket.onmessage = (message) => {
      if (socket !== this.#socket) return;
      this.#watch();
      const frame = typeof message.data === "string" ? parseFrame(message.data) : null;
      if (frame) this.#gather(frame);
    };
    socket.onclose = () => {
      if (socket !== this.#socket) return;
      this.#retry();
      if (!opened) this.listener.refused();
    };
  }

  #live(): void {
    this.#wasLive = true;
    this.listener.status({ kind: "live", since: this.around.now() });
  }

  #gather(frame: Frame): void {
    this.#gathered.push(frame);
    this.#cancelGather ??= this.around.after(GATHER_MS, () => {
      this.#cancelGather = null;
      this.#hand();
    });
  }

  #hand(): void {
    const frames = this.#gathered;
    this.#gathered = [];
    if (frames.length === 0) return;
    this.#attempt = 0;
    if (!this.#wasLive) this.#live();
    const wish = this.listener.frames(frames);
    if (frames.some((frame) => frame.type === "resume") || wish === "start_over") {
      this.#retry();
    } else if (wish === "resume") {
      this.#cancelBehind ??= this.around.after(BEHIND_GRACE_MS, () => {
        this.#cancelBehind = null;
        if (this.listener.frames([]) === "resume") this.#retry();
      });
    }
  }

  #watch(): void {
    this.#cancelWatch?.();
    this.#cancelWatch = this.around.after(SILENCE_MS, () => this.#retry());
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#cancelWatch?.();
    this.#cancelBehind?.();
    this.#cancelGather?.();
    this.#cancelWatch = this.#cancelBehind = this.#cancelGather = null;
    const left = this.#gathered;
    this.#gathered = [];
    // What already came is kept, so that the cursor is right.
    if (left.length > 0) this.listener.frames(left);
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  #retry(): void {
    this.#drop();
    if (this.#isStopped) return;
    if (this.#wasLive) this.#downSince = this.around.now();
    this.#wasLive = false;
    this.#attempt += 1;
    this.listener.status({ kind: "reconnecting", since: this.#downSince, attempt: this.#attempt });
    this.#cancelRetry?.();
    this.#cancelRetry = this.around.after(waitMs(this.#attempt, this.around.chance()), () => this.#open());
  }
}
