import { readFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";
import { expect, test } from "vitest";

test("the generated types are those of the center's OpenAPI document", async () => {
  const made = astToString(await openapiTS(new URL("../../../../control-center/openapi.json", import.meta.url)));
  const kept = await readFile(new URL("./schema.d.ts", import.meta.url), "utf8");
  // The command puts a notice before what the library makes.
  expect(kept.endsWith(made), "run `npm run types`").toBe(true);
});
