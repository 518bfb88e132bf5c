import { cleanup, fireEvent, screen } from "@testing-library/react";
import { useState, type JSX } from "react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { useWallAlarms } from "../../api/gb-devices";
import { startTranslations } from "../../shared/i18n";
import { refusal, serve, shown, type Asked } from "../../test-server";
import { AlarmBadge } from "./AlarmBadge";

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const alarm = (camera: string, minute: number) => ({ id: `${camera} ${minute}`, camera, happened_at: `2026-01-01T04:0${minute}:00Z` });
const ofCameras = ({ query }: Asked): string[] => query.getAll("cameras");

function Wall({ cameras, then = cameras }: { cameras: string[]; then?: string[] }): JSX.Element {
  const [hanging, hang] = useState(cameras);
  const alarms = useWallAlarms(hanging);
  return (
    <>
      {hanging.map((camera) => (
        <AlarmBadge key={camera} alarm={alarms[camera]} />
      ))}
      <button onClick={() => hang(then)}>hang</button>
    </>
  );
}

describe("an alarm on the wall", () => {
  it("stands on its camera's tile and no other, and is asked for once for all that hang there", async () => {
    const asked = serve({ "GET /gb-alarms": { body: { items: [alarm("c1", 5), alarm("c1", 0)], next: null } } });
    shown(<Wall cameras={["c2", "c1"]} />);
    const badges = await screen.findAllByTestId("tile-alarm");
    expect(badges.map((badge) => badge.getAttribute("href"))).toEqual(["/alarms"]);
    expect(badges[0]?.textContent).toMatch(/alarm of the device \d\d:05:00/); // the newest
    expect(asked.map(({ query }) => query.get("open"))).toEqual(["true"]);
    expect(asked.map(ofCameras)).toEqual([["c1", "c2"]]);
  });

  it("is not hidden by a camera whose alarms fill a page", async () => {
    const page = (request: Asked) => (ofCameras(request).includes("c1") ? { body: { items: [alarm("c1", 5)], next: "more" } } : { body: { items: [alarm("c2", 0)], next: null } });
    const asked = serve({ "GET /gb-alarms": page });
    shown(<Wall cameras={["c1", "c2", "c3"]} />);
    expect(await screen.findAllByTestId("tile-alarm")).toHaveLength(2);
    expect(asked.map(ofCameras)).toEqual([["c1", "c2", "c3"], ["c2", "c3"]]);
  });

  it("is asked for anew when another camera is hung, not when two change places", async () => {
    const asked = serve({ "GET /gb-alarms": (request) => ({ body: { items: ofCameras(request).map((camera) => alarm(camera, 0)), next: null } }) });
    shown(<Wall cameras={["c1", "c2"]} then={["c2", "c1"]} />);
    expect(await screen.findAllByTestId("tile-alarm")).toHaveLength(2);
    fireEvent.click(screen.getByText("hang"));
    expect(asked.map(ofCameras)).toEqual([["c1", "c2"]]);
    cleanup();
    shown(<Wall cameras={["c1"]} then={["c1", "c3"]} />);
    await screen.findAllByTestId("tile-alarm");
    fireEvent.click(screen.getByText("hang"));
    await vi.waitFor(() => expect(screen.getAllByTestId("tile-alarm")).toHaveLength(2));
    expect(asked.at(-1)?.query.getAll("cameras")).toEqual(["c1", "c3"]);
  });

  it("is asked for of no camera but those that hang there", async () => {
    const asked = serve({ "GET /gb-alarms": { body: { items: [], next: null } } });
    shown(<Wall cameras={[]} then={["c1"]} />);
    fireEvent.click(screen.getByText("hang"));
    await vi.waitFor(() => expect(asked.map(ofCameras)).toEqual([["c1"]]));
  });

  it("is nothing to whoever is not told of alarms", async () => {
    const asked = serve({ "GET /gb-alarms": refusal("R27.1", "27¶1", "not yours", null) });
    shown(<Wall cameras={["c1"]} />);
    await vi.waitFor(() => expect(asked.length).toBe(1));
    expect(screen.queryByTestId("tile-alarm")).toBeNull();
  });
});
