/** Every screen in both languages, both themes and both sizes: readable, reachable, and inside its frame. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seriousIssues } from "./axe";
import { LANGUAGES, type Look, SCREENS, SIZES, type Size, THEMES, type Visit } from "./browser";
import { fileReport } from "./caller";
import type { Account } from "./center";
import { EDGE, Stage } from "./stage";

let stage: Stage;
let admin: Account;
let rider: Account;

beforeAll(async () => {
  stage = await Stage.set();
  admin = await stage.center.addUser("quan-tri", "admin");
  rider = await stage.center.addUser("to-csgt", "unit");
  const { edge, jpeg } = stage;
  const snapshot = await edge.evidence("north", jpeg);
  const why = { facts: [{ measure: "dwell", value: 31.2, threshold: 30 }] };
  await edge.health({ north: { online: true }, south: { online: false, error: "rtsp: no data for 10 s" } });
  await edge.event({ camera: "north", kind: "collision_suspected", track: 1, class: "motorcycle", snapshot });
  await edge.event({ camera: "gate", kind: "intrusion", track: 2, class: "person", snapshot, why });
  await edge.event({ camera: "gate", kind: "loitering", track: 3, class: "person", snapshot, why });
  await edge.event({ camera: "south", kind: "camera_lost", rule: "camera" });
  await edge.event({ camera: "south", kind: "congestion", track: 5 });
  await edge.event({ camera: "south", kind: "congestion", track: 5, phase: "end" });
  const chief = await stage.caller(admin);
  await chief.unit("csgt-1", { name_vi: "Tổ CSGT số 1", name_en: "Traffic police team 1", members: ["to-csgt"] });
  const { id } = await chief.incident("Va chạm ở cổng chợ Bo");
  await chief.send(id, "csgt-1", "Đến ngay, có người bị thương.");
  await fileReport(stage.center.url, {
    text: "Cây đổ chắn nửa đường, xe máy phải đi lên vỉa hè, trời tối rất nguy hiểm.",
    place: "Trước số 12 đường Trần Hưng Đạo, phường Lê Hồng Phong",
    contact: "0912 345 678",
    picture: jpeg,
  });
  await chief.policy("Ban đêm mức cao hơn; ùn tắc gộp theo loại", {
    rule: [
      { name: "ban đêm", when: { kinds: ["intrusion"], hours: [{ from: "22:00", to: "06:00" }] }, severity: "critical", hold_off_s: 3 },
      { name: "ùn tắc", when: { kinds: ["congestion", "queue_too_long"] }, group: { by: ["kind"], within_s: 300, metres: 200 } },
    ],
    inhibit: [{ while_active: ["camera_lost", "camera_tampered"] }],
  });
  await chief.silence({ cameras: [`${EDGE}/north`] }, "Sửa đường cả tuần");
  await edge.picture("north", jpeg);
  await edge.picture("gate", jpeg, 60_000);
});
afterAll(() => stage?.strike());

const looks: Look[] = (Object.keys(SIZES) as Size[]).flatMap((size) =>
  LANGUAGES.flatMap((language) => THEMES.map((theme) => ({ size, language, theme }))),
);

/** Everything to press must be large enough: 24 px, 44 px under a finger. Links within text are text. */
async function smallTargets(visit: Visit, leastPx: number): Promise<string[]> {
  return visit.page.evaluate((least) => {
    const targets = [...document.querySelectorAll<HTMLElement>("button, select, nav a, header a, input")];
    return targets
      .filter((target) => target.checkVisibility() && !target.matches(".skip, input[type=checkbox], input[type=radio]"))
      .map((target) => ({ target, box: target.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.height < least || box.width < Math.min(least, 24)))
      .map(({ target, box }) => `${target.outerHTML.slice(0, 90)} is ${box.width} × ${box.height}`);
  }, leastPx);
}

async function judge(visit: Visit, look: Look, screen: string): Promise<void> {
  const name = `${look.size}-${look.language}-${look.theme}-${screen}`;
  await visit.screenshot(name);
  expect(await visit.overflow(), `${name}: sideways`).toBeLessThanOrEqual(0);
  expect(await seriousIssues(visit.page), `${name}: axe`).toEqual([]);
  expect(await smallTargets(visit, look.size === "phone" ? 40 : 24), `${name}: targets`).toEqual([]);
}

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
    expect(visit.complaints).toEqual([]);
    await visit.end();
  });
});

/** Each value beside each other one, in half the time: these screens are many. */
const pairs = looks.filter(({ size, language, theme }) => (size === "desk") === ((language === "vi") === (theme === "dark")));

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
    expect(visit.complaints).toEqual([]);
    await visit.end();
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
    expect(visit.complaints).toEqual([]);
    await visit.end();
  });
});

test("nothing hangs over the edge at any width from 320 px", async () => {
  const visit = await stage.visit(admin);
  for (const width of [320, 360, 720, 721, 768, 860, 861, 1020, 1100, 1181, 1240, 1360, 1920]) {
    await visit.page.setViewportSize({ width, height: 800 });
    for (const screen of SCREENS) {
      await visit.go(screen);
      expect(await visit.overflow(), `${screen} at ${width} px`).toBeLessThanOrEqual(0);
    }
  }
  await visit.end();
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
  await visit.end();
});
