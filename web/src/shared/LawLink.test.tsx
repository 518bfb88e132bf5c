import { cleanup, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { Problem } from "../api/client";
import { shown } from "../test-server";
import { speak, startTranslations } from "./i18n";
import { Ground, LawLink } from "./LawLink";
import { Failed } from "./States";

beforeAll(() => startTranslations("en"));
afterEach(cleanup);

const refused = (code: string, article: string | null, remedy: string | null = null): Problem =>
  new Problem(403, code, "two officers are needed", "urn:uuid:1", remedy, [], null, article);

const way = (): string | null => screen.getByRole("link").getAttribute("href");

describe("a refusal leads to its article", () => {
  it("as a sentence with the link in it", () => {
    shown(<Ground article="22¶1(1)" code="R22.1" />);
    expect(document.body.textContent).toBe("Ground: Art. 22 par. 1 item 1 (R22.1).");
    expect([way(), screen.getByRole("link").textContent]).toEqual(["/regulation/22#R22.1", "Art. 22 par. 1 item 1"]);
  });

  it("in Chinese too", async () => {
    await speak("zh-CN");
    shown(<Ground article="N17" code="N17.1" aside />);
    expect(document.body.textContent).toBe("依据：《公共安全视频图像信息系统管理条例》第十七条（N17.1）。");
    expect([way(), screen.getByRole("link").getAttribute("target")]).toEqual(["/regulation/N17#N17.1", "_blank"]);
    await speak("en");
  });

  it("with its reason and remedy", () => {
    shown(<Failed error={refused("R22.1", "22¶1(1)", "come with a second officer")} />);
    expect(screen.getByRole("alert").textContent).toContain("come with a second officer Ground: Art. 22 par. 1 item 1 (R22.1).");
    expect(way()).toBe("/regulation/22#R22.1");
  });

  it("also where we say it in our own words: a missing role, footage that is gone", () => {
    shown(<Failed error={refused("R27.1", "27¶1")} />);
    expect(way()).toBe("/regulation/27#R27.1");
    cleanup();
    shown(<Failed error={refused("R28.6", "28¶2")} />);
    expect(way()).toBe("/regulation/28#R28.6");
  });

  it("and what is no article of ours stays a text", () => {
    shown(<LawLink article="GB 35114" />);
    expect([document.body.textContent, screen.queryByRole("link")]).toEqual(["GB 35114", null]);
    cleanup();
    shown(<Failed error={refused("foreign_origin", null)} />);
    expect(screen.queryByRole("link")).toBeNull();
  });
});
