import { expect, test } from "vitest";
import { put, readUnsent, type Unsent, without } from "./unsent";

const one = (dispatch: string, more: Partial<Unsent> = {}): Unsent => ({ dispatch, state: "accepted", text: "", at: 1, key: "k", ...more });

test("a dispatch has one answer that waits: the newest", () => {
  const all = put(put([one("a")], one("b")), one("a", { state: "refused", at: 2 }));
  expect(all.map(({ dispatch, state }) => [dispatch, state])).toEqual([["b", "accepted"], ["a", "refused"]]);
  expect(without(all, "a")).toEqual([one("b")]);
});

test("what was kept is sent only for the person who pressed, and what is broken is left out", () => {
  const kept = JSON.stringify({ person: "u1", unsent: [one("a"), { dispatch: 7 }] });
  expect(readUnsent(kept, "u1")).toEqual([one("a")]);
  expect(readUnsent(kept, "u2")).toEqual([]);
  for (const text of [null, "", "{", "null", "{}"]) expect(readUnsent(text, "u1")).toEqual([]);
});
