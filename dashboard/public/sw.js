// Keeps the page itself, so that a reload while the center is away shows the dashboard and not the browser's error.
// Only the page and its own files are kept: nothing that the API answers, no picture, no other page of the center.

const KEPT = "ngatu-page";
/** A center that does not answer in this time is away. */
const PATIENCE_MS = 4000;

/** The page's own files, which bear the digest of their content in their names. */
const filesOf = (html) => [...html.matchAll(/(?:src|href)="(\/(?:assets\/[\w.-]+|favicon\.svg))"/g)].map((match) => match[1]);

/** Keeps this page with its files, and nothing older. */
async function keep(response) {
  const html = await response.clone().text();
  const cache = await caches.open(KEPT);
  const before = await cache.match("/");
  if (before && (await before.text()) === html) return;
  const files = filesOf(html);
  await cache.addAll(files);
  await cache.put("/", response);
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname !== "/" && !files.includes(pathname)) await cache.delete(request);
  }
}

async function page(event) {
  try {
    const response = await fetch(event.request.url, { cache: "no-cache", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.status >= 500) throw new Error(`the center answered ${response.status}`);
    if (response.ok) event.waitUntil(keep(response.clone()).catch(() => {}));
    return response;
  } catch (error) {
    const kept = await caches.match("/", { cacheName: KEPT });
    if (kept) return kept;
    throw error;
  }
}

async function file(request) {
  return (await caches.match(request, { cacheName: KEPT })) ?? fetch(request);
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(fetch("/", { cache: "no-cache" }).then((response) => (response.ok ? keep(response) : undefined)));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && pathname === "/") event.respondWith(page(event));
  else if (pathname.startsWith("/assets/") || pathname === "/favicon.svg") event.respondWith(file(request));
});
