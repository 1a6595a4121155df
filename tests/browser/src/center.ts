/**
 * A real control center in a folder of its own, with its private database and broker, that a test starts, kills and
 * starts again. The binary is $CONTROL_CENTER, else the one that cargo built.
 */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, openSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { until } from "./until";

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../../..");
const BINARY = process.env["CONTROL_CENTER"] ?? join(ROOT, "target/debug/control-center");

export const SCREENSHOTS = join(ROOT, "target/screenshots");

export interface Account {
  name: string;
  password: string;
}

/**
 * A port that nobody has. Two files are tested at a time, and neither takes what the other has just found: of each four ports
 * in a row one has the first two, the other the last two. (Systems that give out ports prefer odd ones.)
 */
export async function freePort(): Promise<number> {
  const half = Number(process.env["VITEST_POOL_ID"] ?? 0) % 2;
  for (let i = 0; i < 200; i += 1) {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    await new Promise((done) => server.close(done));
    if (address !== null && typeof address !== "string" && Math.floor(address.port / 2) % 2 === half) return address.port;
  }
  throw new Error("no free port");
}

/** What people call the other service to sign in at. */
export const PROVIDER = "Tài khoản tỉnh";

export class Center {
  #process: ChildProcess | null = null;

  private constructor(
    readonly folder: string,
    readonly url: string,
    readonly mqttUrl: string,
  ) {}

  /** Makes the folder and its settings; starts nothing. The ports stay the same over restarts. */
  static async prepare(): Promise<Center> {
    if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing: build it with cargo, or set CONTROL_CENTER`);
    const folder = await mkdtemp(join(tmpdir(), "ngatu-browser-"));
    // The private database and broker may run as users of their own and must get through.
    await chmod(folder, 0o755);
    const [http, mqtt] = [await freePort(), await freePort()];
    const settings = [
      `data_dir = "${folder}/data"`,
      "[http]",
      `listen = ["127.0.0.1:${http}"]`,
      "[mqtt]",
      `listen = "127.0.0.1:${mqtt}"`,
      // Nobody is there: what the screen says then is what is looked at.
      "[oidc]",
      'issuer = "http://127.0.0.1:9"',
      'client_id = "nga-tu"',
      `name = "${PROVIDER}"`,
      "",
    ];
    await mkdir(join(folder, "data"));
    await writeFile(join(folder, "center.toml"), settings.join("\n"));
    return new Center(folder, `http://127.0.0.1:${http}`, `mqtt://127.0.0.1:${mqtt}`);
  }

  get #config(): string {
    return join(this.folder, "center.toml");
  }

  /** Runs a sub-command and returns what it printed. */
  async command(...words: string[]): Promise<string> {
    const { stdout } = await run(BINARY, [...words, "--config", this.#config], { timeout: 60_000 });
    return stdout;
  }

  async addUser(name: string, role: string): Promise<Account> {
    const file = join(this.folder, `${name}.password`);
    const password = `mot mat khau dai ${Math.random().toString(36).slice(2)}`;
    await writeFile(file, `${password}\n`, { mode: 0o600 });
    await this.command("user", "add", "--name", name, "--role", role, "--password-file", file);
    return { name, password };
  }

  /** Enrolls an edge and returns its secret. */
  async enroll(edge: string, name: string): Promise<string> {
    const printed = await this.command("edge", "enroll", edge, "--name", name);
    const words = printed.split(/\s+/).filter((word) => /^[\w+/=-]{20,}$/.test(word));
    const secret = words.at(-1);
    if (!secret) throw new Error(`no secret in what edge enroll printed: ${printed}`);
    return secret;
  }

  async importCity(toml: string): Promise<void> {
    const file = join(this.folder, "city.toml");
    await writeFile(file, toml);
    await this.command("import", file);
  }

  /** Starts the center and waits until it is ready. */
  async start(): Promise<void> {
    const log = openSync(join(this.folder, "center.log"), "a");
    const child = spawn(BINARY, ["run", "--config", this.#config], { stdio: ["ignore", log, log] });
    this.#process = child;
    let ended: string | null = null;
    child.on("exit", (code, signal) => {
      ended = `ended with ${code ?? signal}`;
    });
    try {
      await until("the center is ready", async () => {
        if (ended !== null) return false;
        return (await fetch(`${this.url}/readyz`)).ok;
      });
    } catch (error) {
      throw new Error(`${String(error)}; ${ended ?? "it runs"}; its log:\n${await this.log()}`);
    }
  }

  async log(): Promise<string> {
    const text = await readFile(join(this.folder, "center.log"), "utf8").catch(() => "");
    return text.slice(-4000);
  }

  /** Ends the process with that signal and waits until it is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill(signal);
    await gone;
  }

  /** Stops the center and removes its folder. */
  async remove(): Promise<void> {
    await this.end("SIGTERM");
    await rm(this.folder, { recursive: true, force: true });
  }
}
