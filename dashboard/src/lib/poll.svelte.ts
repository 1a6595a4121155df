/** Asks again and again while somebody looks: less often in a hidden tab and after failures. */

import { Problem } from "./api/client";

const LONGEST_MS = 30_000;

/** The pause before the next question. */
export function pauseMs(everyMs: number, failures: number, isHidden: boolean): number {
  const pause = isHidden ? LONGEST_MS : everyMs * 2 ** Math.min(failures, 4);
  return Math.max(everyMs, Math.min(LONGEST_MS, pause));
}

export class Poll<T> {
  value = $state.raw<T | null>(null);
  /** When `value` came, by this machine's clock. */
  at = $state<number | null>(null);
  /** The last question's failure; null after a success. */
  problem = $state.raw<Problem | null>(null);

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly everyMs: number,
  ) {}

  #hurry: () => void = () => {};

  /** Asks at once when it is asking at all. */
  again(): void {
    this.#hurry();
  }

  /** Asks until the returned function is called. */
  start(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    let isOver = false;
    const once = async () => {
      clearTimeout(timer);
      try {
        const value = await this.ask();
        if (isOver) return;
        this.value = value;
        this.at = Date.now();
        this.problem = null;
        failures = 0;
      } catch (error) {
        if (isOver) return;
        this.problem = error instanceof Problem ? error : new Problem(0, { detail: String(error) }, null);
        failures += 1;
      }
      clearTimeout(timer);
      timer = setTimeout(once, pauseMs(this.everyMs, failures, document.hidden));
    };
    const onVisible = () => {
      if (!document.hidden) void once();
    };
    document.addEventListener("visibilitychange", onVisible);
    this.#hurry = () => void once();
    void once();
    return () => {
      isOver = true;
      this.#hurry = () => {};
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisible);
    };
  }
}
