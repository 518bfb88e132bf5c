/** The way to the identity provider and back: the whole page leaves, and comes back with what the provider says. */

import { useEffect, useRef } from "react";
import { useLocation, useNavigate } from "react-router";

import { beginAtProvider, type ProviderAnswer } from "../../api/provider";

const FROM = "bingjian.from"; // the page that was wanted, while we are away

/** Leaves for the provider. */
export async function leave(state: unknown): Promise<void> {
  const address = await beginAtProvider();
  const from = (state as { from?: unknown } | null)?.from;
  if (typeof from === "string") window.sessionStorage.setItem(FROM, from);
  window.location.assign(address);
}

/** What the browser came back with (RFC 6749 §4.1.2, RFC 9207); null: it comes from elsewhere. */
export function answerOf(search: string): ProviderAnswer | null {
  const query = new URLSearchParams(search);
  const state = query.get("state");
  if (state === null) return null;
  const rest = ["code", "error", "iss"].flatMap((name) => (query.has(name) ? [[name, query.get(name)]] : []));
  return { state, ...Object.fromEntries(rest) };
}

/** Hands the answer on, once; it does not stay in the address, and the wanted page is wanted again. */
export function useAnswer(take: (answer: ProviderAnswer) => void): void {
  const { search } = useLocation();
  const navigate = useNavigate();
  const taken = useRef(false);
  useEffect(() => {
    const answer = answerOf(search);
    if (answer === null || taken.current) return;
    taken.current = true;
    void navigate("/signin", { replace: true, state: { from: window.sessionStorage.getItem(FROM) } });
    window.sessionStorage.removeItem(FROM);
    take(answer);
  });
}
