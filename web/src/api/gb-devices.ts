/** Devices of GB/T 28181: who waits, who is accepted, their channels, the signalling log, alarms. */

import { keepPreviousData, useInfiniteQuery, useQuery, type UseInfiniteQueryResult, type InfiniteData, type UseQueryResult } from "@tanstack/react-query";

import { toRfc3339 } from "../shared/time";
import { api, ok } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type DeviceState = Schemas["GbDeviceLine"]["state"];
export type DeviceLine = Schemas["GbDeviceLine"];
export type Device = Schemas["GbDeviceOut"];
export type DeviceAdded = Schemas["GbDeviceAdded"];
export type Recorded = Schemas["GbRecordedOut"];
export type DeviceWish = Schemas["GbDeviceWish"];
export type SignalState = Schemas["GbSignalOut"];
export type Channel = Schemas["GbChannelOut"];
/** A page; `toldMs`: when it came, by this computer. */
export type Channels = Schemas["GbChannelsOut"] & { toldMs: number };
export type TreeNode = Schemas["GbNodeOut"];
export type Check = Schemas["GbCheckOut"];
export type Message = Schemas["GbMessageOut"];
export type Alarm = Schemas["GbAlarmOut"];
export type DeviceOrder = Schemas["GbOrderIn"]["order"];
export type DeviceStatus = Schemas["GbStatusOut"];
export type Card = Schemas["GbCardOut"];
export type Setting = Schemas["GbSettingOut"];
export type Firmware = Schemas["GbUpgradeIn"];
export type TreeKind = "civil_code" | "organisation";

const LIVELY = 5_000; // devices come and go while somebody looks
const KEY = "gb-devices";
export const deviceKey = [KEY];

export interface DeviceFilter {
  state: DeviceState;
  q: string;
}

export function useDevices(filter: DeviceFilter, cursor: string | null, limit: number): UseQueryResult<Schemas["GbDevicesOut"]> {
  return useQuery({
    queryKey: [KEY, "list", filter, cursor],
    queryFn: ({ signal }) => {
      const query = { state: filter.state, limit, ...(filter.q === "" ? {} : { q: filter.q }), ...(cursor === null ? {} : { cursor }) };
      return ok(api.GET("/api/v1/gb-devices", { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: LIVELY,
  });
}

export function useSignal(): UseQueryResult<SignalState> {
  return useQuery({ queryKey: [KEY, "signal"], queryFn: ({ signal }) => ok(api.GET("/api/v1/gb-devices/signal", { signal })), refetchInterval: LIVELY });
}

export function useDevice(device: string): UseQueryResult<Device> {
  return useQuery({
    queryKey: [KEY, "one", device],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/gb-devices/{device}", { params: { path: { device } }, signal })),
    refetchInterval: LIVELY,
  });
}

/** The cameras whose recording ends with a device: of one that is accepted, for no other is recorded. */
export function useRecorded({ id: device, state }: Pick<DeviceLine, "id" | "state">): UseQueryResult<Recorded> {
  return useQuery({
    queryKey: [KEY, "recorded", device],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/gb-devices/{device}/recorded", { params: { path: { device } }, signal })),
    enabled: state === "accepted",
  });
}

export function useDeviceHistory(device: string): UseQueryResult<Schemas["HistoryOut"]> {
  return useQuery({ queryKey: [KEY, "history", device], queryFn: ({ signal }) => ok(api.GET("/api/v1/gb-devices/{device}/history", { params: { path: { device } }, signal })) });
}

export function useTree(device: string, by: TreeKind): UseQueryResult<TreeNode[]> {
  return useQuery({
    queryKey: [KEY, "tree", device, by],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/gb-devices/{device}/tree", { params: { path: { device }, query: { by } }, signal }))).items,
    refetchInterval: LIVELY,
  });
}

export interface ChannelFilter {
  q: string;
  /** Of the node that is chosen; null: all channels. */
  node: { by: TreeKind; code: string } | null;
  matched: boolean | null;
}

export function useChannels(device: string, filter: ChannelFilter): UseInfiniteQueryResult<InfiniteData<Channels>> {
  return useInfiniteQuery({
    queryKey: [KEY, "channels", device, filter],
    initialPageParam: null as string | null,
    queryFn: async ({ signal, pageParam }) => {
      const page = await ok(api.GET("/api/v1/gb-devices/{device}/channels", { params: { path: { device }, query: channelQuery(filter, pageParam) }, signal }));
      return { ...page, toldMs: Date.now() };
    },
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    // A catalogue may be coming in. Whoever has asked for more pages would ask for all of them again.
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : LIVELY),
  });
}

function channelQuery({ q, node, matched }: ChannelFilter, cursor: string | null) {
  return {
    ...(q === "" ? {} : { q }),
    ...(node === null ? {} : node.by === "civil_code" ? { civil_code: node.code } : { parent: node.code }),
    ...(matched === null ? {} : { matched }),
    ...(cursor === null ? {} : { cursor }),
  };
}

export function useCheck(device: string, channel: string): UseQueryResult<Check> {
  return useQuery({
    queryKey: [KEY, "check", device, channel],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/gb-devices/{device}/channels/{channel}/check", { params: { path: { device, channel } }, signal })),
  });
}

export function useLog(device: string): UseQueryResult<Message[]> {
  return useQuery({
    queryKey: [KEY, "log", device],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/gb-devices/{device}/log", { params: { path: { device } }, signal }))).messages,
    refetchInterval: LIVELY,
  });
}

export const logFile = (device: string, form: "txt" | "pcap"): string => `/api/v1/gb-devices/${device}/log.${form}`;

const why = (reason: string): { reason?: string } => (reason === "" ? {} : { reason });
const at = (device: string) => ({ params: { path: { device } } });
export const addDevice = (code: string, wish: DeviceWish): Promise<DeviceAdded> => ok(api.POST("/api/v1/gb-devices", { body: { ...wish, code } }));
export const acceptDevice = (device: string, wish: DeviceWish): Promise<DeviceAdded> => ok(api.POST("/api/v1/gb-devices/{device}/acceptance", { ...at(device), body: wish }));
export const refuseDevice = (device: string, reason: string): Promise<Device> => ok(api.POST("/api/v1/gb-devices/{device}/refusal", { ...at(device), body: { reason } }));
export const changeDevice = (device: string, wish: Schemas["GbDevicePatch"]): Promise<DeviceAdded> => ok(api.PATCH("/api/v1/gb-devices/{device}", { ...at(device), body: wish }));
/** `reason`: wanted where recording of cameras ends with it. */
export const removeDevice = (device: string, reason: string): Promise<unknown> => ok(api.DELETE("/api/v1/gb-devices/{device}", { params: { path: { device }, query: why(reason) } }));
export const askCatalogue = (device: string): Promise<unknown> => ok(api.POST("/api/v1/gb-devices/{device}/catalogue", at(device)));
export const orderDevice = (device: string, order: DeviceOrder, channel: string): Promise<Schemas["GbOrderOut"]> =>
  ok(api.POST("/api/v1/gb-devices/{device}/orders", { ...at(device), body: { order, channel } }));
export const upgradeDevice = (device: string, body: Firmware): Promise<Schemas["GbUpgradeOut"]> => ok(api.POST("/api/v1/gb-devices/{device}/upgrade", { ...at(device), body }));

const of = (device: string, channel: string): { params: { path: { device: string }; query: { channel: string } } } => ({ params: { path: { device }, query: { channel } } });
export const askStatus = (device: string, channel: string): Promise<DeviceStatus> => ok(api.GET("/api/v1/gb-devices/{device}/status", of(device, channel)));
export const askCards = (device: string): Promise<Schemas["GbCardsOut"]> => ok(api.GET("/api/v1/gb-devices/{device}/cards", at(device)));
export const askConfiguration = (device: string, channel: string): Promise<Schemas["GbConfigurationOut"]> =>
  ok(api.GET("/api/v1/gb-devices/{device}/configuration", of(device, channel)));

export const matchEqual = (device: string): Promise<Schemas["GbMatchedOut"]> => ok(api.POST("/api/v1/gb-devices/{device}/matches", at(device)));

export const matchChannel = (device: string, channel: string, body: Schemas["GbMatchIn"]): Promise<Channel> =>
  ok(api.PUT("/api/v1/gb-devices/{device}/channels/{channel}/match", { params: { path: { device, channel } }, body }));
/** `reason`: wanted where recording of the camera ends with it. */
export const unmatchChannel = (device: string, channel: string, reason: string): Promise<unknown> =>
  ok(api.DELETE("/api/v1/gb-devices/{device}/channels/{channel}/match", { params: { path: { device, channel }, query: why(reason) } }));

/** Alarms, newest first. */
export function useAlarms(onlyOpen: boolean, cursor: string | null, limit: number): UseQueryResult<Schemas["GbAlarmsOut"]> {
  return useQuery({
    queryKey: ["gb-alarms", "list", onlyOpen, cursor],
    queryFn: ({ signal }) => {
      const query = { limit, ...(onlyOpen ? { open: true } : {}), ...(cursor === null ? {} : { cursor }) };
      return ok(api.GET("/api/v1/gb-alarms", { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: LIVELY,
  });
}

export const handleAlarm = (alarm: string, note: string): Promise<Alarm> => ok(api.POST("/api/v1/gb-alarms/{alarm}/handling", { params: { path: { alarm } }, body: { note } }));

type AlarmMarks = Schemas["GbAlarmMarksOut"];

/** The alarms of one camera in an interval, for the timeline. */
export function alarmMarksQuery(camera: string, startMs: number, endMs: number) {
  return {
    queryKey: ["gb-alarms", "timeline", camera, startMs, endMs],
    queryFn: ({ signal }: { signal: AbortSignal }): Promise<AlarmMarks> => {
      const query = { start: toRfc3339(startMs), end: toRfc3339(endMs) };
      return ok(api.GET("/api/v1/cameras/{camera}/alarms", { params: { path: { camera }, query }, signal }));
    },
    placeholderData: (old: AlarmMarks | undefined, query: { queryKey: readonly unknown[] } | undefined) => (query?.queryKey[2] === camera ? old : undefined),
    refetchInterval: 3 * LIVELY,
    staleTime: 2 * LIVELY,
    retry: false,
  };
}

const WALL_ALARMS = 100; // a page: newest that nobody has handled

/** Of each camera of the wall the newest alarm that nobody has handled; none for whoever is not told of alarms. */
export function useWallAlarms(cameras: readonly string[]): Record<string, Alarm> {
  const asked = [...cameras].sort(); // wherever they hang
  const { data } = useQuery({
    queryKey: ["gb-alarms", "wall", asked],
    queryFn: ({ signal }) => newestOpen(asked, signal),
    enabled: asked.length > 0,
    placeholderData: keepPreviousData,
    refetchInterval: LIVELY,
    retry: false,
  });
  return data ?? NO_ALARMS;
}

const NO_ALARMS: Record<string, Alarm> = {};

/** Cameras with many alarms fill a page: the others are then asked for without them. */
async function newestOpen(cameras: readonly string[], signal: AbortSignal): Promise<Record<string, Alarm>> {
  const newest: Record<string, Alarm> = {};
  for (let rest = [...cameras]; ; ) {
    const { items, next } = await ok(api.GET("/api/v1/gb-alarms", { params: { query: { open: true, limit: WALL_ALARMS, cameras: rest } }, signal }));
    for (const alarm of items) if (alarm.camera !== null) newest[alarm.camera] ??= alarm;
    const left = rest.filter((camera) => newest[camera] === undefined);
    if (next === null || left.length === 0 || left.length === rest.length) return newest;
    rest = left;
  }
}
