import { cleanup, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";

import { api, ok } from "../api/client";
import { refusal, serve, shown, type Reply } from "../test-server";
import { startTranslations, type Language } from "./i18n";
import { Failed } from "./States";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

async function said(answer: Reply, language: Language = "zh-CN"): Promise<string> {
  serve({ "GET /cameras": answer });
  await startTranslations(language);
  const error: unknown = await ok(api.GET("/api/v1/cameras", {})).catch((why: unknown) => why);
  shown(<Failed error={error} />);
  return screen.getByRole("alert").textContent ?? "";
}

describe("a problem", () => {
  it.each([
    ["zh-CN", "此摄像机已与国标设备的通道匹配，请先取消匹配"],
    ["en", "This camera is matched with a channel of a GB/T 28181 device: undo the match first"],
  ] as const)("is said by its code: %s", async (language, words) => {
    expect(await said(refusal("source_is_channel", null, "this camera is matched", null, 409), language)).toBe(words);
  });

  it("is said with what the server's own sentence adds", async () => {
    expect(await said(refusal("gb_device_refuses", null, "486 Busy", null, 502))).toContain("设备拒绝了请求：486 Busy");
  });

  it("that a rule makes is said as the rule says it", async () => {
    expect(await said(refusal("R19.4", "19¶1", "未登记云台范围", "请先登记"))).toContain("未登记云台范围");
  });

  it("that refuses by law is said in our words, with its article", async () => {
    const text = await said(refusal("device_not_masked", "6", "this camera is shown masked", "look at ours"));
    expect(text).toContain("此摄像机须遮挡后显示");
    expect(text).not.toContain("this camera");
    expect(text).toContain("第六条");
  });

  it("of a later version is shown as it comes", async () => {
    expect(await said(refusal("not_known_yet", null, "it is so", null, 409))).toContain("it is so");
  });
});
