/**
 * The demo city as `make demo` starts it: real footage and a rendered junction over RTSP, an edge agent and a control center,
 * in a folder of its own. The binary is $DEMO, else the one that cargo built.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Account, freePort } from "./center";
import { until } from "./until";

const BINARY = process.env["DEMO"] ?? join(resolve(import.meta.dirname, "../../.."), "target/debug/demo");
/** Encoding the footage and starting a database take their time beside other tests, milliseconds. */
export const PATIENCE_MS = 120_000;

export class Demo {
  #said = "";
  #ended: string | null = null;

  private constructor(
    readonly folder: string,
    readonly url: string,
    private readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#said += text;
      });
    }
    // When it has ended and all that it said has been read.
    child.on("close", (code, signal) => {
      this.#ended = String(code ?? signal);
    });
    child.on("error", (error) => {
      this.#ended = error.message;
    });
  }

  /** Starts it; it runs until it is ended. Should this process die, it ends at its next word, which nobody reads. */
  static async start(): Promise<Demo> {
    if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing: build it with cargo, or set DEMO`);
    const folder = await mkdtemp(join(tmpdir(), "ngatu-browser-"));
    // The private database may run as a user of its own and must get through.
    await chmod(folder, 0o755);
    const port = await freePort();
    const env = { ...process.env, HTTP_PORT: String(port), DEMO_SECONDS: "" };
    // It sees, encodes and decodes: what other tests measure beside it goes first.
    const child = spawn("nice", ["-n", "5", BINARY], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    return new Demo(folder, `http://127.0.0.1:${port}`, child);
  }

  /** Everything that it said. */
  get said(): string {
    return this.#said;
  }

  /** What people sign in with: it says so once everything runs. */
  account(): Promise<Account> {
    return this.#until("the demo runs", () => {
      const [, name, password] = /│ {2}name +(\S+)\n *│ {2}password +(\S+)\n/.exec(this.#said) ?? [];
      return name && password ? { name, password } : null;
    });
  }

  /** Waits for a state of the demo or of what shows it, and says what the demo said when that does not come. */
  async #until<T>(what: string, look: () => Promise<T> | T): Promise<NonNullable<T>> {
    const seen = await until(what, async () => (await look()) || (this.#ended === null ? null : "ended"), PATIENCE_MS).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}; it said:\n${this.#said.slice(-3000)}`);
      },
    );
    if (seen === "ended") throw new Error(`${what}: it ended with ${this.#ended}; it said:\n${this.#said.slice(-3000)}`);
    return seen as NonNullable<T>;
  }

  /** Ends it as Ctrl-C does; it sends what is left and counts. Returns how it ended. */
  async end(): Promise<string> {
    if (this.#ended === null) this.child.kill("SIGTERM");
    return until("the demo ends", () => this.#ended, PATIENCE_MS);
  }

  /** Ends it if it still runs, and removes its folder. */
  async remove(): Promise<void> {
    await this.end().catch(() => this.child.kill("SIGKILL"));
    await rm(this.folder, { recursive: true, force: true });
  }
}
