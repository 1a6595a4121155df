/** What supervisors and administrators do: the policy, what is silenced, the operators' load, people and access, the audit. */

import { describe, expect, test } from "vitest";
import type { Visit } from "./browser";
import type { Caller } from "./caller";
import type { Account } from "./center";
import { EDGE, NORTH, onStage, type Stage } from "./stage";
import { until } from "./until";

const FALSE_ONES = 12;
let stage: Stage;
let admin: Account;
let leader: Account;
let chief: Caller;

onStage(async (set) => {
  stage = set;
  admin = await stage.center.addUser("quan-tri", "admin");
  leader = await stage.center.addUser("truong-ca", "supervisor");
  chief = await stage.caller(admin);
  const shadows = Array.from({ length: FALSE_ONES }, (_, i) => ({ camera: "north", kind: "intrusion", track: i + 1, zone: `z-${i}` }));
  await stage.edge.events([...shadows, { camera: "south", kind: "congestion", track: 90 }]);
  await until("all are committed", () => stage.edge.waiting === 0);
});
const visit = (...how: Parameters<Stage["visit"]>) => stage.visit(...how);
const dialogOf = (one: Visit) => one.page.getByRole("dialog");

describe("the operators' load", () => {
  test("shows a flood above its line, and the sources that made it", async () => {
    const one = await visit(stage.operator);
    await one.go("load");
    const chart = one.page.locator("[data-chart=load]");
    await chart.locator("rect.flood").first().waitFor();
    expect(await chart.locator("[data-limit]").count()).toBe(2);
    await one.page.locator("[data-figure=maximum][data-good=false]").getByText(String(FALSE_ONES + 1), { exact: true }).waitFor();
    await one.page.locator(`[data-source^="${EDGE}/north"]`).first().getByText(NORTH).waitFor();
    await one.page.getByLabel("Số người trực").fill("2");
    await one.page.getByLabel("Số người trực").press("Enter");
    await one.page.locator("[data-figure=maximum][data-good=true]").getByText("6,5", { exact: true }).waitFor();
  });
});

describe("the policy", () => {
  test("is written as a form, tried on what was stored, put in force, and undone", async () => {
    const one = await visit(leader);
    const { page } = one;
    await one.go("policy");
    await page.getByText("Chưa có chính sách nào").or(page.locator("[data-shown-version]")).first().waitFor();
    await page.locator("[data-act=edit]").click();
    await page.locator("[data-act=add-rule]").click();
    const rule = page.locator("[data-rule='0']");
    await rule.locator("[data-field=name]").fill("Bóng cây ở hướng bắc");
    await rule.locator("[data-pick=kinds] summary").click();
    await rule.getByLabel("Xâm nhập").check();
    await rule.locator("[data-pick=cameras] summary").click();
    await rule.getByLabel(NORTH).check();
    await rule.locator("[data-field=outcome]").selectOption("none");
    await one.go("cameras");
    await one.go("policy");
    await rule.getByText("Bóng cây ở hướng bắc").waitFor();
    await page.locator("[data-act=try]").click();
    const tried = page.locator("[data-trial=done]");
    await tried.waitFor();
    expect(await tried.getAttribute("data-active")).toBe(String(FALSE_ONES + 1));
    expect(await tried.getAttribute("data-draft")).toBe("1");
    await tried.getByText(`(bớt ${FALSE_ONES})`).waitFor();
    await tried.locator("[data-shift]").first().waitFor();
    await page.locator("[data-act=save-active]").click();
    await dialogOf(one).getByRole("button", { name: "Lưu và áp dụng" }).click();
    await dialogOf(one).getByText("Hãy ghi chú vì sao đổi.").waitFor();
    await dialogOf(one).getByLabel("Ghi chú").fill("Bóng cây báo nhầm cả tuần");
    await dialogOf(one).getByRole("button", { name: "Lưu và áp dụng" }).click();
    const active = page.locator("li[data-active=true]");
    await active.getByText("Bóng cây báo nhầm cả tuần").waitFor();
    await page.locator("[data-policy-view]").getByText(`Xâm nhập; tại ${NORTH}`).waitFor();
    const wrong = await active.getAttribute("data-version");

    await chief.policy("Báo lại mọi thứ", { rule: [] });
    await page.reload();
    await page.locator("li[data-active=true]").getByText("Báo lại mọi thứ").waitFor();
    await page.locator("[data-act=undo]").click();
    await dialogOf(one).getByRole("button", { name: "Đưa vào áp dụng" }).click();
    await page.locator("[data-shown-version] [data-policy-view]").getByText("Bóng cây ở hướng bắc").waitFor();
    expect(await page.locator("li[data-active=true]").getAttribute("data-version")).not.toBe(wrong);
  });

  test("says which rule the center refuses and why", async () => {
    const one = await visit(leader);
    await one.go("policy");
    await one.page.locator("[data-act=edit]").click();
    await one.page.locator("[data-act=add-rule]").click();
    await one.page.locator("[data-act=save-draft]").click();
    await dialogOf(one).getByLabel("Ghi chú").fill("Thử");
    await dialogOf(one).getByRole("button", { name: "Lưu bản nháp" }).click();
    await dialogOf(one).getByText(/rule\[\d\]\.name: wanted 1 to 200 characters/).waitFor();
  });

  test("is only read by operators", async () => {
    const one = await visit(stage.operator);
    await one.go("policy");
    await one.page.getByText("Chỉ trưởng ca và quản trị của cả thành phố được sửa chính sách.").waitFor();
    for (const act of ["edit", "activate", "undo"]) expect(await one.page.locator(`[data-act=${act}]`).count()).toBe(0);
    expect(await one.page.locator("[data-tab=proposals]").count()).toBe(0);
  });

  test("is silenced at a camera for a while, with a reason, and the silence ends by hand", async () => {
    const one = await visit(leader);
    await one.go("policy", "?tab=silences");
    await one.page.locator("[data-act=silence]").click();
    const dialog = dialogOf(one);
    await dialog.locator("[data-field=reason]").fill("Sửa đường");
    await dialog.getByRole("button", { name: "Tắt tiếng" }).click();
    await dialog.getByText("Hãy chọn ít nhất một điều kiện, nếu không mọi thứ đều im lặng.").waitFor();
    await dialog.locator("[data-pick=cameras] summary").click();
    await dialog.getByLabel(NORTH).check();
    await dialog.getByRole("button", { name: "Tắt tiếng" }).click();
    const silence = one.page.locator("[data-silence]");
    await silence.getByText(`tại ${NORTH}`).waitFor();
    await silence.getByText("Sửa đường").waitFor();
    await silence.getByText(/^còn /).waitFor();
    await silence.locator("[data-act=end]").click();
    await one.page.locator("[data-empty]").waitFor();
    await one.page.getByLabel("Cả những lần đã kết thúc").check();
    await one.page.locator("[data-silence]").getByText(/truong-ca kết thúc lúc/).waitFor();
  });

  test("gets a proposal where verdicts say that a rule is wrong, and a person signs it off", async () => {
    const { items } = await chief.call<{ items: { id: string; kind: string }[] }>("GET", "/api/v1/alerts?state=all&limit=100");
    const wrong = items.filter((alert) => alert.kind === "intrusion");
    expect(wrong.length).toBe(FALSE_ONES);
    for (const { id } of wrong) await chief.call("POST", `/api/v1/alerts/${id}/dismiss`, { verdict: "false", reason: "shadow" });
    const one = await visit(leader);
    await one.go("policy", "?tab=proposals");
    const proposal = one.page.locator("[data-proposal=intrusion-yard]");
    await proposal.getByText(`0 đúng, ${FALSE_ONES} sai`).waitFor();
    await proposal.locator("svg").first().waitFor();
    await one.page.locator("[data-precision=intrusion-yard]").getByText("sai nhiều hơn đúng").waitFor();
    await proposal.locator("[data-act=sign-off]").click();
    await dialogOf(one).getByRole("button", { name: "Duyệt và áp dụng" }).click();
    await one.page.getByText(/Đang áp dụng bản \d+\./).waitFor();
    await one.page.locator("[data-tab=versions]").click();
    await one.page.locator("li[data-active=true]").getByText("truong-ca").waitFor();
  });
});

describe("people and access", () => {
  test("a person is added with a password that is told once, may sign in, is signed out everywhere, and is kept out", async () => {
    const one = await visit(admin);
    const { page } = one;
    await one.go("people");
    await page.locator("[data-act=add-user]").click();
    await dialogOf(one).locator("[data-field=name]").fill("lan");
    await dialogOf(one).locator("[data-field=full_name]").fill("Nguyễn Thị Lan");
    await dialogOf(one).getByRole("button", { name: "Thêm", exact: true }).click();
    await dialogOf(one).getByText("Hãy chọn ít nhất một khu vực.").waitFor();
    await dialogOf(one).getByLabel("Cả thành phố").check();
    await dialogOf(one).getByRole("button", { name: "Thêm", exact: true }).click();
    const password = await page.locator("[data-secret]").innerText();
    await page.getByRole("button", { name: "Đã ghi lại" }).click();
    const row = page.locator("[data-user=lan]");
    await row.getByText("Nguyễn Thị Lan").waitFor();
    await row.getByText("Trực ban", { exact: true }).waitFor();

    const other = await visit({ name: "lan", password });
    await row.locator("[data-act=sessions]").click();
    await dialogOf(one).getByRole("button", { name: "Đăng xuất mọi nơi" }).click();
    await other.page.getByText("Phiên làm việc đã kết thúc. Hãy đăng nhập lại.").waitFor();
    await other.signIn({ name: "lan", password });

    await row.locator("[data-act=toggle]").click();
    await dialogOf(one).getByRole("button", { name: "Khoá", exact: true }).click();
    await page.locator("[data-user=lan][data-disabled=true]").waitFor();
    await other.page.getByText("Phiên làm việc đã kết thúc. Hãy đăng nhập lại.").waitFor();
    expect(await page.locator("[data-user=quan-tri] [data-act=toggle]").count()).toBe(0);
  });

  test("another role changes what a person has on the screen", async () => {
    await stage.center.addUser("minh", "viewer");
    const one = await visit(admin);
    await one.go("people");
    const row = one.page.locator("[data-user=minh]");
    await row.locator("[data-act=change]").click();
    await dialogOf(one).locator("[data-field=role]").selectOption("supervisor");
    await dialogOf(one).getByRole("button", { name: "Lưu" }).click();
    await row.getByText("Trưởng ca", { exact: true }).waitFor();
  });

  test("a unit is added with how long it may take to answer, and that is changed later", async () => {
    await stage.center.addUser("to-3", "unit");
    const one = await visit(admin);
    const { page } = one;
    await one.go("people", "?tab=units");
    await page.locator("[data-empty]").waitFor();
    await page.locator("[data-act=add-unit]").click();
    const dialog = dialogOf(one);
    const save = dialog.getByRole("button", { name: "Lưu" });
    await dialog.locator("[data-field=id]").fill("Tổ 3");
    await save.click();
    await dialog.getByText(/Mã đơn vị gồm chữ thường/).waitFor();
    await dialog.locator("[data-field=id]").fill("csgt-3");
    await dialog.locator("[data-field=name_vi]").fill("Tổ CSGT số 3");
    await dialog.locator("[data-field=name_en]").fill("Traffic police team 3");
    await dialog.getByLabel("Cả thành phố").check();
    await dialog.getByLabel("to-3").check();
    await save.click();
    const card = page.locator("[data-unit=csgt-3]");
    await card.getByText("Phải xem trong 2 phút, nhận việc trong 5 phút").waitFor();
    await card.getByText("người nhận: to-3").waitFor();
    await card.locator("[data-act=change]").click();
    await dialog.locator("[data-field=accept_within_s]").fill("0");
    await save.click();
    await dialog.getByText("Ghi thời gian từ 1 đến 86400 giây.").waitFor();
    await dialog.locator("[data-field=accept_within_s]").fill("90");
    await save.click();
    await page.locator("[data-unit=csgt-3][data-accept-within='90']").waitFor();
    const { items } = await chief.call<{ items: { id: string; accept_within_s: number; members: string[] }[] }>("GET", "/api/v1/units");
    expect(items).toMatchObject([{ id: "csgt-3", accept_within_s: 90, members: ["to-3"] }]);
  });

  test("a machine gets a token that is told once, works, and works no more when it is revoked", async () => {
    const one = await visit(admin);
    await one.go("people", "?tab=tokens");
    await one.page.locator("[data-act=add-token]").click();
    await dialogOf(one).locator("[data-field=name]").fill("cảm biến lũ");
    await dialogOf(one).getByLabel("Cả thành phố").check();
    await dialogOf(one).getByRole("button", { name: "Tạo khoá" }).click();
    const secret = await one.page.locator("[data-secret]").innerText();
    await one.page.getByRole("button", { name: "Đã ghi lại" }).click();
    const ask = async () => (await fetch(`${stage.center.url}/api/v1/alerts`, { headers: { authorization: `Bearer ${secret}` } })).status;
    expect(await ask()).toBe(200);
    const row = one.page.locator("[data-token='cảm biến lũ']");
    await row.getByText(/hết hạn \d\d\/\d\d\/\d{4}/).waitFor();
    await row.locator("[data-act=revoke]").click();
    await dialogOf(one).getByRole("button", { name: "Thu hồi" }).click();
    await row.waitFor({ state: "detached" });
    expect(await ask()).toBe(401);
  });

  test("a device gets in by a claim code that is shown once", async () => {
    const one = await visit(admin);
    await one.go("people", "?tab=devices");
    await one.page.locator(`[data-device=${EDGE}] [data-act=code]`).click();
    await dialogOf(one).getByRole("button", { name: "Tạo mã nhận" }).click();
    const code = await one.page.locator("[data-secret]").innerText();
    const enroll = () =>
      fetch(`${stage.center.url}/api/v1/enroll`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ code }),
      });
    expect(await (await enroll()).json()).toMatchObject({ edge: EDGE });
    expect((await enroll()).ok).toBe(false);
  });

  test("nobody but an administrator has these screens", async () => {
    const one = await visit(leader);
    await one.page.locator(".more").click();
    await one.page.locator("#more-screens a[href='#/audit']").waitFor();
    expect(await one.page.locator("nav a[href='#/people']").count()).toBe(0);
    await one.page.goto(`${one.url}/#/people`);
    await one.page.locator("main[data-screen=alerts]").waitFor();
  });
});

describe("the audit", () => {
  test("is whole, tells who did what in words, and is filtered", async () => {
    const one = await visit(leader);
    await one.go("audit");
    await one.page.locator("[data-check=whole]").getByText(/Chuỗi nguyên vẹn: \d+ dòng/).waitFor();
    await one.page.locator("[data-field=action]").fill("user.end_sessions");
    await one.page.locator("[data-field=action]").press("Enter");
    const row = one.page.locator("[data-audit]");
    await until("only that row is left", async () => (await row.count()) === 1);
    await row.getByText("Đăng xuất người khác").waitFor();
    await row.getByRole("button", { name: "quan-tri" }).click();
    await one.page.getByText("Chỉ của quan-tri").waitFor();
    await one.page.getByRole("button", { name: "Bỏ lọc" }).click();
    await until("all rows are back", async () => (await row.count()) > 1);
  });
});
