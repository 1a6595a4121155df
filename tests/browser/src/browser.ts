/** The browser: contexts with a language, a theme and a size, and pages whose complaints are collected. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { type Account, SCREENSHOTS } from "./center";

export const SIZES = {
  desk: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
} as const;
export type Size = keyof typeof SIZES;
export const LANGUAGES = ["vi", "en"] as const;
export const THEMES = ["dark", "light"] as const;

export const SCREENS = ["alerts", "incidents", "reports", "cameras", "devices", "load", "policy", "people", "audit"] as const;
export type Screen = (typeof SCREENS)[number];

export interface Look {
  size: Size;
  language: (typeof LANGUAGES)[number];
  theme: (typeof THEMES)[number];
}
export const PLAIN: Look = { size: "desk", language: "vi", theme: "dark" };

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
}

/** What a page complained of: errors, refusals by the content security policy, requests to elsewhere. */
export class Visit {
  readonly complaints: string[] = [];
  isOver = false;

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly url: string,
  ) {}

  static async begin(browser: Browser, url: string, look: Look = PLAIN): Promise<Visit> {
    const context = await browser.newContext({
      viewport: SIZES[look.size],
      isMobile: look.size === "phone",
      hasTouch: look.size === "phone",
      // A zone on the other side of the earth shows that times do not depend on it.
      timezoneId: "America/New_York",
      reducedMotion: "reduce",
    });
    await context.addInitScript(
      ([language, theme]) => {
        localStorage.setItem("ngatu.language", language as string);
        localStorage.setItem("ngatu.theme", theme as string);
      },
      [look.language, look.theme],
    );
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    const visit = new Visit(context, page, url);
    page.on("pageerror", (error) => visit.complaints.push(`error: ${error.message}`));
    page.on("console", (message) => {
      // The browser itself writes a line for each answer that is no success and for each socket that fails: those are
      // answers to the application, which the tests look at where they matter.
      const isAnswer = /^Failed to load resource|^WebSocket connection to/.test(message.text());
      if (["error", "warning"].includes(message.type()) && !isAnswer) visit.complaints.push(message.text());
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(url) && !/^(blob|data):/.test(request.url())) {
        visit.complaints.push(`a request to elsewhere: ${request.url()}`);
      }
    });
    await page.goto(url);
    return visit;
  }

  async signIn({ name, password }: Account): Promise<void> {
    await this.page.locator("input[name=name]").fill(name);
    await this.page.locator("input[name=password]").fill(password);
    await this.page.locator("form button.primary").click();
    await this.page.locator("[data-state=live]").waitFor();
  }

  /** A person of a unit: they have one page of their own. */
  async signInUnit({ name, password }: Account): Promise<void> {
    await this.page.locator("input[name=name]").fill(name);
    await this.page.locator("input[name=password]").fill(password);
    await this.page.locator("form button.primary").click();
    await this.page.locator(".unit main").waitFor();
  }

  async go(screen: Screen, query = ""): Promise<void> {
    await this.page.goto(`${this.url}/#/${screen}${query}`);
    await this.page.locator(`main[data-screen=${screen}]`).waitFor();
  }

  async screenshot(name: string): Promise<void> {
    await mkdir(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }

  /** How far the page can be scrolled sideways, pixels. */
  overflow(): Promise<number> {
    return this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  }

  async end(): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    await this.context.close();
  }
}
