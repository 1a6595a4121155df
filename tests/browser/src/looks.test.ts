/** Every screen in both languages, both themes and both sizes: readable, reachable, and inside its frame. */

import { describe, expect, test } from "vitest";
import { fill, judge, looks } from "./looks";
import { EDGE, onStage, type Stage } from "./stage";

let stage: Stage;

onStage(async (set) => {
  stage = set;
  await fill(stage);
});

describe("each screen is well", () => {
  test.each(looks)("$size, $language, $theme", async (look) => {
    const visit = await stage.visit(undefined, look);
    const { page } = visit;
    await page.locator("form").waitFor();
    await judge(visit, look, "sign-in");
    await visit.signIn(stage.operator);
    await page.locator("li[data-kind=congestion]").waitFor();
    await judge(visit, look, "alerts");
    await page.locator("li[data-kind=intrusion] [data-open]").click();
    await page.getByRole("dialog").waitFor();
    await judge(visit, look, "alert");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await visit.go("alerts");
    await page.locator("li[data-kind=loitering] .check input").click();
    await page.locator("[data-selected]").waitFor();
    expect(await page.locator(".check input:checked").count(), "the box shows it").toBe(1);
    await judge(visit, look, "alerts-selected");
    await page.keyboard.press("Escape");
    await page.locator("li[data-kind=loitering] [data-open]").click();
    await page.keyboard.press("s");
    await page.locator("dialog.ask").waitFor();
    await judge(visit, look, "alert-shelve");
    await page.keyboard.press("Escape");
    await page.locator("dialog.ask").waitFor({ state: "detached" });
    await page.keyboard.press("i");
    await page.locator("[data-open-incident]").waitFor();
    await judge(visit, look, "incident");
    await page.keyboard.press("u");
    await page.locator("dialog.ask").waitFor();
    await judge(visit, look, "incident-send-unit");
    await page.keyboard.press("Escape");
    await page.locator("dialog.ask").waitFor({ state: "detached" });
    await visit.go("cameras");
    await page.locator(`[data-camera="${EDGE}/gate"] [data-age=old]`).waitFor();
    await judge(visit, look, "cameras");
    await visit.go("devices");
    await page.locator(`[data-ledger="${EDGE}/events"]`).waitFor();
    await judge(visit, look, "devices");
  });
});

test("times are those of Viet Nam wherever the browser stands", async () => {
  const visit = await stage.visit(stage.operator);
  const local = () => new Date(Date.now() + 7 * 3600_000).toISOString();
  const before = local();
  const shown = (await visit.page.getByRole("timer").innerText()).replace(/\s+/g, " ");
  expect(shown).toMatch(/\d\d:\d\d:\d\d ?\+07$/);
  // A day or an hour may end between the looks, and the clock on the screen may be a second behind.
  const behind = new Date(Date.parse(before) - 2000).toISOString();
  const possible = [behind, before, local()];
  const days = possible.map((time) => `${time.slice(8, 10)}/${time.slice(5, 7)}/${time.slice(0, 4)}`);
  expect(days.some((day) => shown.includes(day)), `${shown}, not ${days.join()}`).toBe(true);
  expect(possible.map((time) => time.slice(11, 13))).toContain(/ (\d\d):/.exec(shown)?.[1]);
});
