/** People, one's own account, and sign-in: what the pages ask and send. */

import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { api, ok, personOf, type SignedIn } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type PersonRow = Schemas["PersonRow"];
export type PersonDetail = Schemas["PersonDetail"];
export type PersonWish = Schemas["PersonIn"];
export type PersonPatch = Schemas["PersonPatch"];
export type PersonAdded = Schemas["PersonAdded"];
export type OpenSession = Schemas["OpenSessionOut"];
export type SecondFactor = Schemas["SecondFactorOut"];
export type Account = Schemas["AccountOut"];
export type Enrolment = Schemas["EnrolmentOut"];
export type FirstWish = Schemas["FirstIn"];

// --- sign-in

export async function signIn(name: string, password: string, code: string): Promise<SignedIn> {
  const body = { name, password, ...(code === "" ? {} : { code }) };
  return personOf(await ok(api.POST("/api/v1/session", { body })));
}

/** Whether nobody has an account yet. */
export function useFirstAwaited(): UseQueryResult<boolean> {
  return useQuery({
    queryKey: ["first-administrator"],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/first-administrator", { signal }))).is_awaited,
    retry: false,
  });
}

export const becomeFirst = (body: FirstWish): Promise<PersonRow> => ok(api.POST("/api/v1/first-administrator", { body }));

// --- my account

export function useAccount(): UseQueryResult<Account> {
  return useQuery({ queryKey: ["account"], queryFn: ({ signal }) => ok(api.GET("/api/v1/account", { signal })) });
}

export const changePassword = (password: string, new_password: string): Promise<void> =>
  ok<void>(api.POST("/api/v1/account/password", { body: { password, new_password } }) as Promise<{ data?: void; response: Response }>);

export const beginFactor = (password: string): Promise<Enrolment> => ok(api.POST("/api/v1/account/second-factor", { body: { password } }));

export const confirmFactor = async (code: string): Promise<string[]> => (await ok(api.POST("/api/v1/account/second-factor/confirm", { body: { code } }))).codes;

export async function endFactor(password: string, code: string): Promise<void> {
  await ok(api.POST("/api/v1/account/second-factor/end", { body: { password, code } }));
}

export async function endMySession(session: string): Promise<void> {
  await ok(api.DELETE("/api/v1/account/sessions/{session}", { params: { path: { session } } }));
}

export async function endMyOtherSessions(): Promise<void> {
  await ok(api.DELETE("/api/v1/account/sessions"));
}

// --- people

export interface PeoplePage {
  items: PersonRow[];
  next: string | null;
}

export function usePeople(q: string, cursor: string | null, limit: number): UseQueryResult<PeoplePage> {
  return useQuery({
    queryKey: ["people", q, cursor, limit],
    queryFn: ({ signal }) => {
      const query = { limit, ...(q === "" ? {} : { q }), ...(cursor === null ? {} : { cursor }) };
      return ok(api.GET("/api/v1/people", { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
  });
}

export function usePerson(person: string): UseQueryResult<PersonDetail> {
  return useQuery({
    queryKey: ["person", person],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/people/{person}", { params: { path: { person } }, signal })),
  });
}

export const addPerson = (body: PersonWish): Promise<PersonAdded> => ok(api.POST("/api/v1/people", { body }));

export const changePerson = (person: string, body: PersonPatch): Promise<PersonRow> =>
  ok(api.PATCH("/api/v1/people/{person}", { params: { path: { person } }, body }));

export async function endSession(person: string, session: string): Promise<void> {
  await ok(api.DELETE("/api/v1/people/{person}/sessions/{session}", { params: { path: { person, session } } }));
}

export async function resetFactor(person: string): Promise<void> {
  await ok(api.DELETE("/api/v1/people/{person}/second-factor", { params: { path: { person } } }));
}
