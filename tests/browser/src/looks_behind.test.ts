/** The screens behind the first ones, a unit's inbox, and every screen at every width: readable, reachable, and inside its frame. */

import { describe, expect, test } from "vitest";
import { SCREENS } from "./browser";
import type { Account } from "./center";
import { fill, judge, pairs } from "./looks";
import { onStage, type Stage } from "./stage";

let stage: Stage;
let admin: Account;
let rider: Account;

onStage(async (set) => {
  stage = set;
  ({ admin, rider } = await fill(stage));
});

/** Further screens, as one who may do everything sees them. */
describe("each screen behind the first ones is well", () => {
  test.each(pairs)("$size, $language, $theme", { timeout: 90_000 }, async (look) => {
    const visit = await stage.visit(admin, look);
    const { page } = visit;
    await visit.go("reports");
    await page.locator("[data-report]").first().waitFor();
    await judge(visit, look, "reports");
    await page.locator("[data-report] [data-open]").first().click();
    await page.locator("[data-open-report]").waitFor();
    await judge(visit, look, "report");
    await page.keyboard.press("d");
    await page.locator("dialog.ask").waitFor();
    await judge(visit, look, "report-reject");
    await page.keyboard.press("Escape");
    await page.locator("dialog.ask").waitFor({ state: "detached" });
    await visit.go("load");
    await page.locator("[data-chart=load]").waitFor();
    await judge(visit, look, "load");
    await visit.go("policy");
    await page.locator("[data-shown-version]").waitFor();
    await judge(visit, look, "policy");
    await page.locator("[data-act=edit]").click();
    await page.locator("[data-rule] summary").first().click();
    await judge(visit, look, "policy-form");
    await page.locator("[data-act=try]").click();
    await page.locator("[data-trial=done]").waitFor();
    await page.locator("[data-trial=done]").scrollIntoViewIfNeeded();
    await judge(visit, look, "policy-tried");
    await page.reload();
    await visit.go("policy", "?tab=silences");
    await page.locator("[data-silence]").first().waitFor();
    await judge(visit, look, "silences");
    await page.locator("[data-act=silence]").click();
    await page.locator("dialog.ask").waitFor();
    await judge(visit, look, "silence-new");
    await page.keyboard.press("Escape");
    await visit.go("policy", "?tab=proposals");
    await page.locator("[data-empty]").waitFor();
    await judge(visit, look, "proposals");
    await visit.go("people");
    await page.locator("[data-user]").first().waitFor();
    await judge(visit, look, "people");
    await page.locator("[data-act=add-user]").click();
    await page.locator("dialog.ask").waitFor();
    await judge(visit, look, "people-add");
    await page.keyboard.press("Escape");
    await visit.go("people", "?tab=units");
    await page.locator("[data-unit]").first().waitFor();
    await judge(visit, look, "units");
    await page.locator("[data-unit] [data-act=change]").first().click();
    await page.locator("dialog.ask").waitFor();
    await judge(visit, look, "unit-change");
    await page.keyboard.press("Escape");
    await visit.go("people", "?tab=tokens");
    await page.locator("[data-empty]").waitFor();
    await judge(visit, look, "tokens");
    await visit.go("people", "?tab=devices");
    await page.locator("[data-device]").first().waitFor();
    await judge(visit, look, "claim-codes");
    await visit.go("audit");
    await page.locator("[data-audit]").first().waitFor();
    await page.locator("[data-check=whole]").waitFor();
    await judge(visit, look, "audit");
    await page.locator(".more").click();
    await page.locator("#more-screens a").first().waitFor();
    await judge(visit, look, "more");
  });

  test.each(pairs.filter((look) => look.size === "phone"))("a unit's inbox, $language, $theme", async (look) => {
    const visit = await stage.visit(undefined, look);
    await visit.signInUnit(rider);
    await visit.page.locator("[data-dispatch-state]").first().waitFor();
    await judge(visit, look, "inbox");
    await visit.context.setOffline(true);
    await visit.page.locator("[data-banner=offline]").waitFor();
    await visit.page.locator("[data-answer=accepted]").click();
    await visit.page.locator("[data-unsent]").waitFor();
    await judge(visit, look, "inbox-unsent");
  });
});

test("nothing hangs over the edge at any width from 320 px", async () => {
  const visit = await stage.visit(admin);
  // With the largest counts that the navigation says.
  await visit.page.locator("[data-untaken] [aria-hidden]").evaluate((count) => (count.textContent = "999+"));
  for (const width of [320, 360, 720, 721, 768, 860, 861, 1020, 1100, 1181, 1241, 1320, 1321, 1360, 1420, 1421, 1920]) {
    await visit.page.setViewportSize({ width, height: 800 });
    for (const screen of SCREENS) {
      await visit.go(screen);
      expect(await visit.overflow(), `${screen} at ${width} px`).toBeLessThanOrEqual(0);
    }
  }
});
