/** Who is signed in, and the way in and out. */

import { api, Problem, whenSignedOut } from "../lib/api/client";
import type { Language, Me } from "../lib/api/types";
import { words } from "../lib/i18n/words.svelte";
import { forgetAll, keepPerson, keptPerson } from "../lib/live/kept";
import { isLoopback } from "./loopback";

export type Stage = "opening" | "signed_out" | "signed_in";

class Session {
  stage = $state<Stage>("opening");
  me = $state.raw<Me | null>(null);
  /** The session ended by itself, not by the operator. */
  hasEnded = $state(false);
  /** The center could not be asked who is signed in. */
  isUnreachable = $state(false);

  mayAcknowledge = $derived(["operator", "supervisor", "admin"].includes(this.me?.role ?? ""));
  isSupervisor = $derived(["supervisor", "admin"].includes(this.me?.role ?? ""));
  isAdmin = $derived(this.me?.role === "admin");
  /** What holds for the whole city is changed only by those who have it. */
  hasWholeCity = $derived(this.me?.areas.includes("*") ?? false);
  /** May change the policy. */
  mayRule = $derived(this.isSupervisor && this.hasWholeCity);
  isInsecure = $derived(
    this.me?.insecure === true || (location.protocol === "http:" && !isLoopback(location.hostname)),
  );

  constructor() {
    whenSignedOut(() => {
      if (this.stage === "signed_in") this.hasEnded = true;
      this.#leave();
    });
  }

  /** Finds out whether a session is still there. Returns false when the center gave no answer. */
  async look(): Promise<boolean> {
    try {
      this.#enter(await api.me());
      return true;
    } catch (error) {
      const isAnswer = error instanceof Problem && error.status !== 0 && error.status < 500;
      this.isUnreachable = !isAnswer;
      if (isAnswer) this.#leave();
      else if (this.stage === "opening") this.#showKept();
      return isAnswer;
    }
  }

  async signIn(name: string, password: string): Promise<void> {
    this.#enter(await api.signIn(name, password));
  }

  async signOut(): Promise<void> {
    let leave: string | undefined;
    try {
      leave = (await api.signOut())?.leave;
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
    }
    this.hasEnded = false;
    this.#leave();
    // Who came through a provider is still signed in there: it asks, and leads back here.
    if (leave !== undefined) location.assign(leave);
  }

  /** Changes the language here at once, and for the account when that can be reached. */
  async useLanguage(language: Language): Promise<void> {
    words.use(language);
    if (!this.me) return;
    try {
      await api.setLanguage(language);
    } catch {
      // This browser remembers the choice; the account will learn of it with the next one.
    }
  }

  /** The page was loaded while the center is away: whoever had this tab sees what it knew, until the center says who is signed in. */
  #showKept(): void {
    const me = keptPerson();
    if (!me) return;
    this.me = me;
    words.suggest(me.language);
    this.stage = "signed_in";
  }

  #enter(me: Me): void {
    this.me = me;
    keepPerson(me);
    words.suggest(me.language);
    this.stage = "signed_in";
    this.hasEnded = false;
    this.isUnreachable = false;
  }

  #leave(): void {
    this.me = null;
    forgetAll();
    this.stage = "signed_out";
  }
}

export const session = new Session();
