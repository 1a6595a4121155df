/** One question to the center at a time, and in words what went wrong. */

import { Problem } from "../api/client";
import { words } from "../i18n/words.svelte";
import { notices } from "./notices.svelte";

/** What a refusal or a silence means to the person who asked. */
export function explain(error: unknown): string {
  const t = words.t;
  if (!(error instanceof Problem)) return t.steps.failed(String(error));
  if (error.status === 403) return t.desk.forbidden;
  if (error.status === 0) return t.steps.failed(t.alerts.unreachable);
  if (error.status === 409 && error.body.by) return t.desk.decidedBy(error.body.by.name);
  return t.steps.failed(error.message);
}

export class Doing {
  isBusy = $state(false);
  /** What went wrong the last time; empty after a success. */
  trouble = $state("");

  /** Asks, and says in a notice what went wrong. Null when it was not done. */
  async tell<T>(ask: () => Promise<T>): Promise<T | null> {
    const answer = await this.run(ask);
    if (this.trouble) notices.say(this.trouble, true);
    return answer;
  }

  /** Asks, and keeps in `trouble` what went wrong. Null when it was not done. */
  async run<T>(ask: () => Promise<T>): Promise<T | null> {
    if (this.isBusy) return null;
    this.isBusy = true;
    this.trouble = "";
    try {
      return await ask();
    } catch (error) {
      // Signed out: the way in says so itself.
      if (!(error instanceof Problem && error.status === 401)) this.trouble = explain(error);
      return null;
    } finally {
      this.isBusy = false;
    }
  }
}
