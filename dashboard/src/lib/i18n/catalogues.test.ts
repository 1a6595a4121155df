import { describe, expect, test } from "vitest";
import { en } from "./en";
import { vi } from "./vi";

type Leaf = string | ((...values: never[]) => string);

/** Every entry with its path. */
function entries(node: object, path = ""): [string, Leaf][] {
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === "object" ? entries(value as object, `${path}${key}.`) : [[path + key, value as Leaf] as [string, Leaf]],
  );
}

/** What an entry says; marks stand for what is put in. */
function said(leaf: Leaf): string {
  if (typeof leaf === "string") return leaf;
  const marks = Array.from({ length: leaf.length }, (_, i) => `«${i}»`);
  return (leaf as (...values: string[]) => string)(...marks);
}

const both = { vi: new Map(entries(vi)), en: new Map(entries(en)) };

describe("the catalogues", () => {
  test("have the same entries", () => {
    // The compiler sees the typed ones; this sees the open tables as well.
    expect([...both.en.keys()].sort()).toEqual([...both.vi.keys()].sort());
  });

  test("leave nothing empty, and no blank at an end", () => {
    for (const [language, catalogue] of Object.entries(both)) {
      for (const [path, leaf] of catalogue) {
        const text = said(leaf);
        expect(text.length, `${language}: ${path}`).toBeGreaterThan(0);
        expect(text.trim(), `${language}: ${path}`).toBe(text);
      }
    }
  });

  test("say everything that is put in, in both languages", () => {
    for (const [path, leaf] of both.vi) {
      const other = both.en.get(path) as Leaf;
      expect(typeof other, path).toBe(typeof leaf);
      for (const [language, entry] of [["vi", leaf], ["en", other]] as const) {
        if (typeof entry === "string") continue;
        for (let i = 0; i < entry.length; i += 1) expect(said(entry), `${language}: ${path}`).toContain(`«${i}»`);
      }
    }
  });

  test("are written in composed letters, as keyboards and searches expect", () => {
    for (const [path, leaf] of both.vi) expect(said(leaf).normalize("NFC"), path).toBe(said(leaf));
  });

  test("really differ: what is the same in both is a name, an international word or only arranges", () => {
    const same = [...both.vi].filter(([path, leaf]) => said(both.en.get(path) as Leaf) === said(leaf)).map(([path]) => path);
    expect(same).toEqual(["product", "alerts.cameraLabel", "alerts.facts.camera", "devices.outboxLane"]);
  });
});
