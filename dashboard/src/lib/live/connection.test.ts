import { beforeEach, describe, expect, test } from "vitest";
import { Connection, SILENCE_MS, type SocketLike, type Status, waitMs } from "./connection";
import type { Frame } from "./frames";

class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  isClosed = false;
  constructor(readonly path: string) {}
  close() {
    this.isClosed = true;
  }
  say(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

/** A world in which time only passes when the test says so. */
class World {
  now = 0;
  sockets: FakeSocket[] = [];
  timers: { at: number; run: () => void }[] = [];
  open = (path: string) => {
    const socket = new FakeSocket(path);
    this.sockets.push(socket);
    return socket;
  };
  after = (ms: number, run: () => void) => {
    const timer = { at: this.now + ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  };
  pass(ms: number) {
    const until = this.now + ms;
    for (;;) {
      const next = this.timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.now = next.at;
      next.run();
    }
    this.now = until;
  }
  get socket(): FakeSocket {
    const last = this.sockets.at(-1);
    if (!last) throw new Error("no socket was opened");
    return last;
  }
}

let world: World;
let taken: Frame[][];
let statuses: Status[];
let refusals: number;
let cursor: number | null;
let wish: "go_on" | "resume" | "start_over";
let connection: Connection;

beforeEach(() => {
  world = new World();
  taken = [];
  statuses = [];
  refusals = 0;
  cursor = null;
  wish = "go_on";
  connection = new Connection(
    { open: world.open, now: () => world.now, after: world.after, chance: () => 1 },
    {
      frames: (frames) => {
        if (frames.length > 0) taken.push(frames);
        return wish;
      },
      status: (status) => statuses.push(status),
      refused: () => {
        refusals += 1;
      },
      cursor: () => cursor,
    },
  );
});

const kinds = () => statuses.map((status) => status.kind);
const beat = { type: "heartbeat", seq: 1, now: "2026-11-22T08:00:00Z" };

function goLive() {
  connection.start();
  world.socket.onopen?.();
  world.socket.say({ type: "snapshot", seq: 1, alerts: [], now: "" });
  world.pass(30);
  cursor = 1;
}

describe("the connection", () => {
  test("is live only once the snapshot is here", () => {
    connection.start();
    expect(world.socket.path).toBe("/api/v1/live");
    world.socket.onopen?.();
    expect(kinds()).toEqual(["connecting"]);
    world.socket.say({ type: "snapshot", seq: 1, alerts: [], now: "" });
    world.pass(30);
    expect(kinds()).toEqual(["connecting", "live"]);
  });

  test("hands frames that come together over together and in order", () => {
    goLive();
    for (let seq = 2; seq <= 400; seq += 1) world.socket.say({ ...beat, seq });
    expect(taken).toHaveLength(1);
    world.pass(30);
    expect(taken).toHaveLength(2);
    expect(taken[1]?.map((frame) => (frame.type === "heartbeat" ? frame.seq : 0))).toEqual(
      Array.from({ length: 399 }, (_, i) => i + 2),
    );
  });

  test("comes back by itself, after the last number, and says since when it was away", () => {
    goLive();
    world.pass(5000);
    world.socket.onclose?.();
    expect(statuses.at(-1)).toEqual({ kind: "reconnecting", since: 5030, attempt: 1 });
    world.pass(400);
    expect(world.sockets).toHaveLength(2);
    expect(world.socket.path).toBe("/api/v1/live?after=1");
    world.socket.onclose?.();
    expect(statuses.at(-1)).toEqual({ kind: "reconnecting", since: 5030, attempt: 2 });
    world.pass(800);
    world.socket.onopen?.();
    expect(statuses.at(-1)?.kind).toBe("live");
  });

  test("frames that came just before the end are kept before it asks for what follows", () => {
    goLive();
    world.socket.say({ ...beat, seq: 9 });
    world.socket.onclose?.();
    expect(taken.at(-1)).toEqual([{ ...beat, seq: 9 }]);
  });

  test("waits longer each time, at most five seconds, and never all browsers at once", () => {
    expect([1, 2, 3, 4, 5, 20].map((attempt) => waitMs(attempt, 1))).toEqual([400, 800, 1600, 3200, 5000, 5000]);
    expect(waitMs(1, 0)).toBe(200);
  });

  test("takes a silent socket for dead", () => {
    goLive();
    world.pass(SILENCE_MS - 1000);
    world.socket.say(beat);
    world.pass(SILENCE_MS - 1000);
    expect(statuses.at(-1)?.kind).toBe("live");
    world.pass(1500);
    expect(statuses.at(-1)?.kind).toBe("reconnecting");
    expect(world.sockets[0]?.isClosed).toBe(true);
  });

  test("a socket that never opens makes it ask whether the session still holds", () => {
    connection.start();
    world.socket.onclose?.();
    expect(refusals).toBe(1);
    goLive();
    world.socket.onclose?.();
    expect(refusals).toBe(1);
  });

  test("does as told when it is too slow: comes back and resumes", () => {
    goLive();
    world.socket.say({ type: "resume", after: 1, reason: "slow" });
    world.pass(30);
    world.pass(400);
    expect(world.sockets).toHaveLength(2);
    expect(world.socket.path).toBe("/api/v1/live?after=1");
  });

  test("resumes when a change is missing for two seconds, but not when it came after all", () => {
    goLive();
    wish = "resume";
    world.socket.say(beat);
    world.pass(30);
    wish = "go_on";
    world.pass(3000);
    expect(world.sockets).toHaveLength(1);
    wish = "resume";
    world.socket.say(beat);
    world.pass(2100);
    expect(statuses.at(-1)?.kind).toBe("reconnecting");
  });

  test("an order to start over is followed at once", () => {
    goLive();
    wish = "start_over";
    cursor = null;
    world.socket.say(beat);
    world.pass(30);
    world.pass(400);
    expect(world.socket.path).toBe("/api/v1/live");
  });

  test("hurries when told, but never opens a second socket beside a living one", () => {
    goLive();
    connection.hurry();
    expect(world.sockets).toHaveLength(1);
    world.socket.onclose?.();
    connection.hurry();
    expect(world.sockets).toHaveLength(2);
    world.pass(10_000);
    expect(world.sockets).toHaveLength(2);
  });

  test("once stopped it stays stopped, and late messages are nobody's", () => {
    goLive();
    const old = world.socket;
    connection.stop();
    old.say({ ...beat, seq: 7 });
    world.pass(60_000);
    connection.hurry();
    expect(world.sockets).toHaveLength(1);
    expect(taken).toHaveLength(1);
    expect(statuses.at(-1)?.kind).toBe("stopped");
  });
});
