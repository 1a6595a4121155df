// A real OpenID provider for the tests: the certified oidc-provider on port 0 of this machine, everything in memory.
//
// It prints its address, and ends when its standard input does. Under /test/ a test registers its client and people,
// changes the keys, and may ask that a client's ID tokens are altered before they are signed, since a well-behaved
// provider cannot be made to send wrong ones. Who signs in is said in the address of the interaction. Its argument is the one
// way in which it takes clients' secrets; without it, it takes all that it knows.

import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const stored = new Map(); // "Model:id" → payload
const clients = new Map(); // id → metadata
const people = new Map(); // subject → claims
const twists = new Map(); // client id → how its ID tokens are altered
const asked = new Map(); // path → how often
const [method] = process.argv.slice(2);
const cookieKey = randomBytes(16).toString("hex");
let key, provider, issuer;

/** What oidc-provider stores, as its documentation describes an adapter. */
class Store {
  constructor(model) {
    this.model = model;
  }
  async upsert(id, payload) {
    stored.set(`${this.model}:${id}`, payload);
  }
  async find(id) {
    return this.model === "Client" ? clients.get(id) : stored.get(`${this.model}:${id}`);
  }
  async findByUid(uid) {
    return [...stored.values()].find((payload) => payload.uid === uid && payload.kind === this.model);
  }
  async findByUserCode() {}
  async consume(id) {
    const payload = await this.find(id);
    if (payload) payload.consumed = Math.floor(Date.now() / 1000);
  }
  async destroy(id) {
    stored.delete(`${this.model}:${id}`);
  }
  async revokeByGrantId(grant) {
    for (const [name, payload] of stored) if (payload.grantId === grant) stored.delete(name);
  }
}

function newKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = { ...privateKey.export({ format: "jwk" }), kid: randomBytes(4).toString("hex"), alg: "RS256", use: "sig" };
  return { privateKey, jwk };
}

/** The same addresses with the keys of now. */
function renew() {
  key = newKey();
  provider = new Provider(issuer, {
    adapter: Store,
    jwks: { keys: [key.jwk] },
    cookies: { keys: [cookieKey] },
    claims: { profile: ["name", "preferred_username"], email: ["email", "email_verified"], groups: ["groups"] },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, sub) => people.has(sub) && { accountId: sub, claims: () => ({ ...people.get(sub), sub }) },
    pkce: { required: () => true },
    ...(method && { clientAuthMethods: [method] }),
    ttl: { Interaction: 600, Session: 600, Grant: 600, IdToken: 600, AccessToken: 600, AuthorizationCode: 60 },
    // Nobody is asked whether the center may know their name.
    loadExistingGrant: async (ctx) => {
      const { Grant } = ctx.oidc.provider;
      const grant = new Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope("openid profile email groups");
      await grant.save();
      return grant;
    },
  });
  provider.use(async (ctx, next) => {
    await next();
    const twist = twists.get(ctx.oidc?.client?.clientId);
    if (ctx.path === "/token" && ctx.body?.id_token && twist) ctx.body.id_token = twisted(ctx.body.id_token, twist);
  });
}

/** The token with other claims, other words in its head, signed with another key, or not at all. */
function twisted(token, { claims = {}, head = {}, foreign = false }) {
  const [oldHead, oldClaims] = token.split(".").slice(0, 2).map(decode);
  const signed = [
    { ...JSON.parse(oldHead), ...head },
    { ...JSON.parse(oldClaims), ...claims },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  if (head.alg === "none") return `${signed.join(".")}.`;
  const signature = sign("RSA-SHA256", Buffer.from(signed.join(".")), foreign ? newKey().privateKey : key.privateKey);
  return `${signed.join(".")}.${signature.toString("base64url")}`;
}

function decode(part) {
  return Buffer.from(part, "base64url").toString();
}

async function body(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text === "" ? {} : JSON.parse(text);
}

async function forTests(request, path) {
  switch (path) {
    case "/test/client": {
      const { id, secret, center, method = "client_secret_basic" } = await body(request);
      clients.set(id, {
        client_id: id,
        client_secret: secret,
        token_endpoint_auth_method: method,
        redirect_uris: [`${center}/oidc/callback`],
        post_logout_redirect_uris: [`${center}/`],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      });
      return {};
    }
    case "/test/person": {
      const { sub, ...claims } = await body(request);
      people.set(sub, claims);
      return {};
    }
    case "/test/twist": {
      const { client, ...twist } = await body(request);
      twists.set(client, twist);
      return {};
    }
    case "/test/rotate":
      renew();
      return {};
    case "/test/asked":
      return Object.fromEntries(asked);
    default:
      return null;
  }
}

/** Signs in who the address names, or refuses for them. */
async function interact(request, response, url) {
  const who = url.searchParams.get("as");
  const result = who === "nobody" ? { error: "access_denied" } : { login: { accountId: who } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, issuer);
  asked.set(url.pathname, (asked.get(url.pathname) ?? 0) + 1);
  try {
    if (url.pathname.startsWith("/test/")) {
      const answer = await forTests(request, url.pathname);
      response.writeHead(answer ? 200 : 404, { "content-type": "application/json" });
      response.end(JSON.stringify(answer));
    } else if (url.pathname.startsWith("/interaction/")) {
      await interact(request, response, url);
    } else {
      provider.callback()(request, response);
    }
  } catch (error) {
    console.error(error);
    response.writeHead(500).end(String(error));
  }
});

server.listen(0, "127.0.0.1", () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  renew();
  console.log(issuer);
});
process.stdin.on("end", () => process.exit(0)).resume();
