/** Turning cameras: who does, and the commands. */

import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { SECOND } from "../shared/time";
import { api, ok } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Control = Schemas["ControlOut"];
export type Controller = Schemas["ControllerOut"];
export type Lease = Schemas["LeaseOut"];
export type Preset = Schemas["PresetOut"];
export type PresetWish = Schemas["PresetIn"];

export interface Motion {
  pan: number;
  tilt: number;
  zoom: number;
}
export interface Lens {
  focus: number;
  iris: number;
}

/** Who turns the camera now. Asked only where this person may turn it: each such question would else be a refusal. */
export function useControl(camera: string, wanted: boolean, every: number): UseQueryResult<Control> {
  return useQuery({
    queryKey: ["control", camera],
    enabled: wanted,
    queryFn: ({ signal }) => ok(api.GET("/api/v1/cameras/{camera}/control", { params: { path: { camera } }, signal })),
    refetchInterval: every,
    staleTime: SECOND,
  });
}

const of = (camera: string, lease: string): { params: { path: { camera: string; lease: string } } } => ({ params: { path: { camera, lease } } });

export const take = (camera: string, purpose: string): Promise<Lease> => ok(api.POST("/api/v1/cameras/{camera}/control", { params: { path: { camera } }, body: { purpose } }));
export const beat = (camera: string, lease: string): Promise<Lease> => ok(api.POST("/api/v1/cameras/{camera}/control/{lease}/beat", of(camera, lease)));
/** Also while the page is being left. */
export const release = (camera: string, lease: string): Promise<unknown> => ok(api.DELETE("/api/v1/cameras/{camera}/control/{lease}", { ...of(camera, lease), keepalive: true }));
/** The right to speak through the camera once. */
export const speak = (camera: string, lease: string): Promise<Schemas["VoiceTicketOut"]> => ok(api.POST("/api/v1/cameras/{camera}/control/{lease}/voice", of(camera, lease)));
export const move = (camera: string, lease: string, motion: Motion, number: number): Promise<unknown> =>
  ok(api.POST("/api/v1/cameras/{camera}/control/{lease}/motion", { ...of(camera, lease), body: { ...motion, number }, keepalive: true }));
export const adjust = (camera: string, lease: string, lens: Lens, number: number): Promise<unknown> =>
  ok(api.POST("/api/v1/cameras/{camera}/control/{lease}/lens", { ...of(camera, lease), body: { ...lens, number }, keepalive: true }));
export const sendHome = (camera: string, lease: string): Promise<unknown> => ok(api.POST("/api/v1/cameras/{camera}/control/{lease}/home", of(camera, lease)));

const at = (camera: string, lease: string, preset: number): { params: { path: { camera: string; lease: string; preset: number } } } => ({ params: { path: { camera, lease, preset } } });

export const goTo = (camera: string, lease: string, preset: number): Promise<unknown> => ok(api.POST("/api/v1/cameras/{camera}/control/{lease}/presets/{preset}", at(camera, lease, preset)));
export const keepPreset = (camera: string, lease: string, preset: number, wish: PresetWish): Promise<Preset> =>
  ok(api.PUT("/api/v1/cameras/{camera}/control/{lease}/presets/{preset}", { ...at(camera, lease, preset), body: wish }));
export const deletePreset = (camera: string, lease: string, preset: number): Promise<unknown> =>
  ok(api.DELETE("/api/v1/cameras/{camera}/control/{lease}/presets/{preset}", at(camera, lease, preset)));
