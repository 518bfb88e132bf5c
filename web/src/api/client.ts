import createClient, { type Client, type Middleware } from "openapi-fetch";

import { problemWords } from "../shared/i18n";
import { readPreference } from "../shared/storage";
import type { components, paths } from "./schema";

export type Camera = components["schemas"]["CameraOut"];
export type CameraState = components["schemas"]["CameraStateOut"];
export type CameraIn = components["schemas"]["CameraIn"];
export type CameraPatch = components["schemas"]["CameraPatch"];
export type Cameras = components["schemas"]["CamerasOut"];
export type Person = components["schemas"]["PersonOut"];
/** Whoever is signed in. With `mustEnrol` their roles are of no use until a second factor is set up. */
export type SignedIn = Person & { mustEnrol?: true; unit?: string; signOutAt?: string };
export const personOf = ({ person, unit, must_enrol, sign_out_at }: components["schemas"]["SessionOut"]): SignedIn => ({
  ...person,
  unit,
  ...(must_enrol === true ? { mustEnrol: true } : {}),
  ...(sign_out_at == null ? {} : { signOutAt: sign_out_at }), // where the identity provider ends its own session
});
export type Probe = components["schemas"]["ProbeOut"];
export type Role = Person["roles"][number];
export type Timeline = components["schemas"]["TimelineOut"];
export type StreamRole = NonNullable<components["schemas"]["LiveIn"]["stream"]>;
export type Refusal = components["schemas"]["RefusalOut"];
type ProblemBody = components["schemas"]["Problem"];

/** An answer that is not a success, RFC 9457, or no answer at all (status 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string | null,
    detail: string,
    readonly instance: string | null = null,
    readonly remedy: string | null = null,
    readonly fields: readonly { field: string; detail: string }[] = [],
    readonly retryAfterSeconds: number | null = null,
    /** The article of law that a refusal rests on, "28¶2". */
    readonly article: string | null = null,
    /** Everything that refuses, if it is more than one thing. */
    readonly refusals: readonly Refusal[] = [],
  ) {
    super(detail);
  }

  /** Comes when there are words for it; who is not signed in is told by the page of signing in. */
  static async of(response: Response, body: unknown): Promise<Problem> {
    if (response.status !== 401) await problemWords();
    const problem = (typeof body === "object" && body !== null ? body : {}) as Partial<ProblemBody>;
    const wait = Number(response.headers.get("Retry-After"));
    return new Problem(
      response.status,
      problem.code ?? null,
      problem.detail ?? problem.title ?? response.statusText,
      problem.instance ?? null,
      problem.remedy ?? null,
      problem.errors ?? [],
      Number.isFinite(wait) && wait > 0 ? wait : null,
      problem.article ?? null,
      problem.refusals ?? [],
    );
  }
}

/** Called when the server no longer knows our session. */
let onSignedOut: () => void = () => undefined;
export function whenSignedOut(then: () => void): void {
  onSignedOut = then;
}

const sessionWatch: Middleware = {
  onResponse({ request, response }) {
    if (response.status === 401 && !new URL(request.url).pathname.endsWith("/session")) onSignedOut();
  },
};

/** Whoever chose a language on this computer gets sentences in it; others in their account's, as the page. */
const spoken: Middleware = {
  onRequest({ request }) {
    const chosen = readPreference("language");
    if (chosen !== null) request.headers.set("Accept-Language", chosen);
  },
};

/** A client of our own API: with the session's cookie, and an eye on the session's end. */
export function clientOf<Paths extends object>(): Client<Paths> {
  const fetchNow = (request: Request): Promise<Response> => fetch(request); // looked up at each call: tests stand in for it
  const client = createClient<Paths>({ baseUrl: window.location.origin, credentials: "same-origin", fetch: fetchNow });
  client.use(sessionWatch, spoken);
  return client;
}

export const api = clientOf<paths>();

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The body of a success; throws Problem otherwise. */
export async function ok<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "unreachable_server", String(error));
  }
  if (!answer.response.ok) throw await Problem.of(answer.response, answer.error);
  return answer.data as T;
}
