import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";
import { expect, test } from "vitest";

const DOCUMENT = new URL("../../../../control-center/openapi.json", import.meta.url);
const TYPES = new URL("./schema.d.ts", import.meta.url);
const NOTICE = "/** Made by `npm run types` of the center's OpenAPI document: not to be changed by hand. */\n\n";

/** Examples are for people who read the document; as comments they would be nine lines of ten. */
function withoutExample(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("schema" in value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== "example"));
}

test("the generated types are those of the center's OpenAPI document", async () => {
  const document = JSON.parse(await readFile(DOCUMENT, "utf8"), withoutExample) as OpenAPI3;
  const made = NOTICE + astToString(await openapiTS(document));
  if (process.env["UPDATE"]) await writeFile(TYPES, made);
  expect((await readFile(TYPES, "utf8")) === made, "run `npm run types`").toBe(true);
}, 60_000);
