/** Sign-in by the city's identity provider. */

import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { api, ok, personOf, type SignedIn } from "./client";
import type { components } from "./schema";

export type Provider = components["schemas"]["ProviderOut"];
export type ProviderAnswer = components["schemas"]["AnswerIn"];

/** Whether the sign-in page offers it, and in what words. */
export function useProvider(): UseQueryResult<Provider> {
  return useQuery({ queryKey: ["provider"], queryFn: ({ signal }) => ok(api.GET("/api/v1/session/provider", { signal })), retry: false });
}

/** Where the browser goes to sign in there. */
export const beginAtProvider = async (): Promise<string> => (await ok(api.POST("/api/v1/session/provider"))).address;

/** Who is signed in; null where the code of the second factor is wanted as well. */
export async function answerProvider(body: ProviderAnswer): Promise<SignedIn | null> {
  const { session } = await ok(api.POST("/api/v1/session/provider/answer", { body }));
  return session === null ? null : personOf(session);
}

export const finishAtProvider = async (code: string): Promise<SignedIn> => personOf(await ok(api.POST("/api/v1/session/provider/code", { body: { code } })));
