/** A back-test: begun once, then asked for until it is done. */

import { onceKey } from "../lib/api/client";
import { explain } from "../lib/ui/doing.svelte";
import { type Backtest, type PolicyBody, policyApi } from "./api";

const EVERY_MS = 500;

export class Trial {
  state = $state.raw<Backtest | null>(null);
  trouble = $state("");
  isRunning = $state(false);
  #turn = 0;

  async run(policy: PolicyBody, days: number): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    this.isRunning = true;
    this.trouble = "";
    this.state = null;
    try {
      let state = await policyApi.tryFirst(policy, days, onceKey());
      while (turn === this.#turn) {
        this.state = state;
        if (state.state !== "running") break;
        await new Promise((go) => setTimeout(go, EVERY_MS));
        state = await policyApi.trial(state.id);
      }
    } catch (error) {
      if (turn === this.#turn) this.trouble = explain(error);
    } finally {
      if (turn === this.#turn) this.isRunning = false;
    }
  }

  /** Forgets it: what was tried has changed, or nobody looks any more. */
  drop(): void {
    this.#turn += 1;
    this.state = null;
    this.isRunning = false;
    this.trouble = "";
  }
}
