/** What a camera does beside turning while a key is held: loaded with the pad alone. */

import { api, ok } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Cruise = Schemas["CruiseOut"];
export type CruiseWish = Required<Schemas["CruiseIn"]>;
export type Rectangle = Omit<Schemas["FrameIn"], "closer" | "number">;
export type ScanWish = Schemas["ScanIn"];

type Lease = { camera: string; lease: string };
const path = (camera: string, lease: string): { params: { path: Lease } } => ({ params: { path: { camera, lease } } });
const withCruise = (camera: string, lease: string, cruise: number): { params: { path: Lease & { cruise: number } } } => ({ params: { path: { camera, lease, cruise } } });
const withScan = (camera: string, lease: string, scan: number): { params: { path: Lease & { scan: number } } } => ({ params: { path: { camera, lease, scan } } });

export const frame = (camera: string, lease: string, rectangle: Rectangle, closer: boolean, number: number): Promise<unknown> =>
  ok(api.POST("/api/v1/cameras/{camera}/control/{lease}/frame", { ...path(camera, lease), body: { ...rectangle, closer, number } }));
export const startCruise = (camera: string, lease: string, cruise: number, number: number): Promise<unknown> =>
  ok(api.POST("/api/v1/cameras/{camera}/control/{lease}/cruises/{cruise}", { ...withCruise(camera, lease, cruise), body: { number } }));
export const keepCruise = (camera: string, lease: string, cruise: number, wish: CruiseWish): Promise<Cruise> =>
  ok(api.PUT("/api/v1/cameras/{camera}/control/{lease}/cruises/{cruise}", { ...withCruise(camera, lease, cruise), body: wish }));
export const deleteCruise = (camera: string, lease: string, cruise: number): Promise<unknown> => ok(api.DELETE("/api/v1/cameras/{camera}/control/{lease}/cruises/{cruise}", withCruise(camera, lease, cruise)));
export const startScan = (camera: string, lease: string, scan: number, number: number): Promise<unknown> =>
  ok(api.POST("/api/v1/cameras/{camera}/control/{lease}/scans/{scan}", { ...withScan(camera, lease, scan), body: { number } }));
export const setScan = (camera: string, lease: string, scan: number, wish: ScanWish): Promise<unknown> =>
  ok(api.PUT("/api/v1/cameras/{camera}/control/{lease}/scans/{scan}", { ...withScan(camera, lease, scan), body: wish }));
export const turnSwitch = (camera: string, lease: string, number: number, on: boolean): Promise<unknown> =>
  ok(api.POST("/api/v1/cameras/{camera}/control/{lease}/switches/{switch}", { params: { path: { camera, lease, switch: number } }, body: { on } }));
/** Seconds until the camera itself goes home; null: it does not. */
export const setReturn = (camera: string, lease: string, delay: number | null): Promise<unknown> =>
  ok(api.PUT("/api/v1/cameras/{camera}/control/{lease}/return", { ...path(camera, lease), body: { delay_s: delay } }));
