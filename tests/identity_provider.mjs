// A city's identity provider for tests: oidc-provider, which is certified by the OpenID Foundation.
// node identity_provider.mjs <its module> <JSON: {keys, clients}>; says its issuer on the first line.
// Whoever comes to its page signs in as whom they say; that is all it is for.

import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [module, wish] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(module).href);
const { keys, clients } = JSON.parse(wish);
console.warn = console.info = () => undefined;

const PAGE = `<!doctype html><title>City</title><form method="post">
<label>Name <input name="account"></label><button>Sign in</button></form>`;

const server = createServer((request, response) => void answer(request, response));
server.listen(0, "127.0.0.1", () => console.log(issuer()));

const issuer = () => `http://127.0.0.1:${server.address().port}`;
let made;
const provider = () => (made ??= create());

function create() {
  return new Provider(issuer(), {
    clients,
    jwks: { keys },
    acrValues: ["urn:city:two"],
    claims: { openid: ["sub", "acr", "amr"] },
    cookies: { keys: ["only for tests"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope("openid");
      await grant.save();
      return grant;
    },
  });
}

async function answer(request, response) {
  if (!request.url.startsWith("/interaction/")) return provider().callback()(request, response);
  await provider().interactionDetails(request, response);
  if (request.method === "GET") return void response.setHeader("Content-Type", "text/html").end(PAGE);
  const { account, amr, acr, error } = Object.fromEntries(new URLSearchParams(await textOf(request)));
  const login = { accountId: account, ...(amr ? { amr: amr.split(" ") } : {}), ...(acr ? { acr } : {}) };
  await provider().interactionFinished(request, response, error ? { error } : { login });
}

async function textOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}
