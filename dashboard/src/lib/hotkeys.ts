/** Which key means what, and when it means nothing. Pure. */

export type Action =
  | "down"
  | "up"
  | "acknowledge"
  | "claim"
  | "shelve"
  | "dismiss"
  | "forward"
  | "open_incident"
  | "send_unit"
  | "toggle"
  | "select_all"
  | "clear"
  | "show_new"
  | "help"
  | `screen_${number}`;

export interface KeyPress {
  key: string;
  /** True while Vietnamese (or any) letters are being composed. */
  isComposing: boolean;
  /** 229 is what browsers report for a key that an input method took. */
  keyCode: number;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  defaultPrevented: boolean;
  /** Whether the focus is where text is typed or a choice is made with keys. */
  isInField: boolean;
}

const ACTIONS = new Map<string, Action>(Object.entries<Action>({
  ArrowDown: "down",
  j: "down",
  ArrowUp: "up",
  k: "up",
  a: "acknowledge",
  n: "show_new",
  c: "claim",
  s: "shelve",
  d: "dismiss",
  f: "forward",
  i: "open_incident",
  u: "send_unit",
  x: "toggle",
  Escape: "clear",
  "?": "help",
  ...Object.fromEntries(Array.from({ length: 9 }, (_, i) => [String(i + 1), `screen_${i + 1}` as const])),
}));

export function actionOf(press: KeyPress): Action | null {
  if (press.isComposing || press.keyCode === 229 || press.key === "Process" || press.key === "Dead") return null;
  if (press.altKey || press.defaultPrevented || press.isInField) return null;
  if (press.ctrlKey || press.metaKey) return press.key.toLowerCase() === "a" ? "select_all" : null;
  return ACTIONS.get(press.key.length === 1 ? press.key.toLowerCase() : press.key) ?? null;
}

/** Whether keys typed at this element belong to it. */
export function isField(element: Element | null): boolean {
  if (!element) return false;
  if (element instanceof HTMLElement && element.isContentEditable) return true;
  // A checkbox takes only the space bar.
  if (element.matches("input[type=checkbox]")) return false;
  return element.matches("input, textarea, select, [role=textbox], [role=combobox], [role=listbox]");
}

export function pressOf(event: KeyboardEvent): KeyPress {
  const { key, isComposing, keyCode, ctrlKey, metaKey, altKey, defaultPrevented } = event;
  const target = event.target instanceof Element ? event.target : null;
  return { key, isComposing, keyCode, ctrlKey, metaKey, altKey, defaultPrevented, isInField: isField(target) };
}
