/** The words in force. Reading `words.t` in a component follows the language without a reload. */

import { EVENT_KINDS, type EventKind, type Language, ROAD_USERS, type RoadUser } from "../api/types";
import { recall, remember } from "../remember";
import { en } from "./en";
import { vi, type Words } from "./vi";

export const catalogues: Record<Language, Words> = { vi, en };

class WordsInForce {
  language = $state<Language>(recall("language", ["vi", "en"], "vi"));
  t = $derived(catalogues[this.language]);

  use(language: Language): void {
    remember("language", language);
    this.show(language);
  }

  /** Uses the account's language unless this browser was told another. */
  suggest(language: Language): void {
    if (recall("language", ["vi", "en", ""], "") === "") this.show(language);
  }

  show(language: Language): void {
    this.language = language;
    document.documentElement.lang = language;
  }
}

export const words = new WordsInForce();

/** A kind in words; one that this dashboard does not know yet is shown as it came, never hidden. */
export function kindName(kind: string, t: Words): string {
  return EVENT_KINDS.includes(kind as EventKind) ? t.kinds[kind as EventKind] : kind.replaceAll("_", " ");
}

/** A road user's class in words. */
export function className(name: string, t: Words): string {
  return ROAD_USERS.includes(name as RoadUser) ? t.roadUsers[name as RoadUser] : name.replaceAll("_", " ");
}
