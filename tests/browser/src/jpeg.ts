/** Pictures for the tests, drawn by the browser: no file needs to be kept. */

import type { Browser } from "playwright-core";

/** A street under a sky with a mark that tells pictures apart. */
export async function drawJpeg(browser: Browser, hue: number): Promise<Buffer> {
  const page = await browser.newPage();
  const base64 = await page.evaluate((hue) => {
    const canvas = document.createElement("canvas");
    canvas.width = 640;
    canvas.height = 360;
    const g = canvas.getContext("2d");
    if (!g) throw new Error("no canvas");
    g.fillStyle = `hsl(${hue} 25% 55%)`;
    g.fillRect(0, 0, 640, 360);
    g.fillStyle = "#555";
    g.beginPath();
    g.moveTo(260, 120);
    g.lineTo(380, 120);
    g.lineTo(620, 360);
    g.lineTo(20, 360);
    g.fill();
    g.fillStyle = "#eee";
    for (let y = 130; y < 360; y += 50) g.fillRect(316, y, 8, 24);
    g.fillStyle = `hsl(${hue} 80% 40%)`;
    g.fillRect(380, 210, 70, 44);
    return canvas.toDataURL("image/jpeg", 0.8).split(",")[1] ?? "";
  }, hue);
  await page.close();
  return Buffer.from(base64, "base64");
}
