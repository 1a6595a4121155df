/** Small choices that outlive the page, kept in this browser. A browser that refuses storage just forgets them. */

const key = (name: string) => `ngatu.${name}`;

export function recall<T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
  try {
    const kept = localStorage.getItem(key(name));
    return allowed.includes(kept as T) ? (kept as T) : otherwise;
  } catch {
    return otherwise;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(key(name), value);
  } catch {
    // Private windows may refuse: the choice then lasts as long as the page.
  }
}
