/** Waiting for a state instead of for a time, and saying what was seen last when it does not come. */

const EVERY_MS = 50;

export async function until<T>(what: string, look: () => Promise<T> | T, timeoutMs = 60_000): Promise<NonNullable<T>> {
  const start = performance.now();
  let last: unknown = "nothing yet";
  while (performance.now() - start < timeoutMs) {
    try {
      const seen = await look();
      if (seen) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    await new Promise((go) => setTimeout(go, EVERY_MS));
  }
  throw new Error(`${what}: not within ${timeoutMs} ms; last seen: ${String(last)}`);
}
