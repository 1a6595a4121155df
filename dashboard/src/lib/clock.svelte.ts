/** The center's time, ticking each second. Ages are counted by the center's clock, not by this machine's. */

class Clock {
  #offsetMs = $state(0);
  #local = $state(Date.now());
  /** Milliseconds since 1970 by the center's clock, as of the last tick. */
  now = $derived(this.#local + this.#offsetMs);

  /** Ticks until the returned function is called. */
  start(): () => void {
    const tick = () => {
      this.#local = Date.now();
    };
    const timer = setInterval(tick, 1000);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }

  /** Takes the center's time from a message that has just come. */
  follow(serverNow: string): void {
    const server = Date.parse(serverNow);
    if (!Number.isFinite(server)) return;
    const local = Date.now();
    // Below half a second the difference is the network's.
    this.#offsetMs = Math.abs(server - local) < 500 ? 0 : server - local;
    this.#local = local;
  }
}

export const clock = new Clock();
