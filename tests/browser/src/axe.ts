/** axe-core in a page: what it finds serious or critical. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const source = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function seriousIssues(page: Page): Promise<string[]> {
  // evaluate() goes past the page's content security policy, which rightly refuses a foreign script element.
  await page.evaluate(await source);
  const results = await page.evaluate(
    () => (globalThis as unknown as { axe: { run(): Promise<unknown> } }).axe.run() as Promise<AxeResults>,
  );
  return results.violations
    .filter((violation) => violation.impact === "serious" || violation.impact === "critical")
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => `${node.html} (${node.failureSummary ?? ""})`).join(" | ")}`);
}
