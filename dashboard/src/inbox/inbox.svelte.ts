/** A unit's inbox: asked for again and again, kept over a reload, answered one dispatch at a time. */

import { api, Problem } from "../lib/api/client";
import type { Dispatch, DispatchState, Inbox } from "../lib/api/dispatch";
import { words } from "../lib/i18n/words.svelte";
import { Poll } from "../lib/poll.svelte";
import { notices } from "../lib/ui/notices.svelte";
import { forget, keep, type Kept, keptFor } from "./kept";

const EVERY_MS = 4000;
/** Nobody has told the center yet that a person saw it. */
const UNSEEN: readonly DispatchState[] = ["queued", "sent", "delivered", "failed"];

export class UnitInbox {
  showsOver = $state(false);
  #poll = new Poll<Inbox>(() => this.#ask(), EVERY_MS);
  /** From before the page was loaded anew. */
  #before = $state.raw<Kept | null>(null);
  #underWay = $state.raw<ReadonlySet<string>>(new Set());

  items = $derived(this.#poll.value?.items ?? this.#before?.inbox.items ?? null);
  /** When what is shown came from the center, by this machine's clock. */
  at = $derived(this.#poll.at ?? this.#before?.at ?? null);
  isOffline = $derived(this.#poll.problem !== null);

  constructor(private readonly person: string) {
    this.#before = keptFor(person);
  }

  start(): () => void {
    const stop = this.#poll.start();
    return () => {
      stop();
      forget();
    };
  }

  isUnderWay(id: string): boolean {
    return this.#underWay.has(id);
  }

  /** Says how far the unit is; returns whether the center knows it now. */
  async answer(dispatch: Dispatch, state: DispatchState, what: string, text = ""): Promise<boolean> {
    if (this.isUnderWay(dispatch.id)) return false;
    this.#underWay = new Set([...this.#underWay, dispatch.id]);
    try {
      this.#put(await api.answerDispatch(dispatch.id, state, text));
      return true;
    } catch (error) {
      const isLate = error instanceof Problem && error.status === 409;
      notices.say(isLate ? words.t.inbox.cannot : words.t.inbox.notSent(what), true);
      return false;
    } finally {
      this.#underWay = new Set([...this.#underWay].filter((id) => id !== dispatch.id));
    }
  }

  /** Tells the center that a person looks at what is on the screen. */
  async markSeen(): Promise<void> {
    if (document.hidden || this.isOffline) return;
    for (const { dispatch } of this.#poll.value?.items ?? []) {
      if (!UNSEEN.includes(dispatch.state) || this.isUnderWay(dispatch.id)) continue;
      // It is tried again with the next answer of the center.
      await api.answerDispatch(dispatch.id, "read").then((seen) => this.#put(seen), () => {});
    }
  }

  async #ask(): Promise<Inbox> {
    const inbox = await api.inbox(this.showsOver);
    keep(this.person, inbox);
    return inbox;
  }

  #put(dispatch: Dispatch): void {
    const inbox = this.#poll.value;
    if (!inbox) return;
    const items = inbox.items.map((item) => (item.dispatch.id === dispatch.id ? { ...item, dispatch } : item));
    this.#poll.value = { ...inbox, items };
    keep(this.person, this.#poll.value);
  }
}
