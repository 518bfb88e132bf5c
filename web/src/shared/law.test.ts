import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";

import { speak, startTranslations } from "./i18n";
import { articleOf, articleText, lawPath, paragraphText } from "./law";

beforeAll(async () => {
  await startTranslations("zh-CN");
  await speak("en"); // both are asked below
});

describe("an article", () => {
  it("reads as lawyers write it", async () => {
    const t = i18next.getFixedT("zh-CN");
    expect(articleText(t, "28¶2")).toBe("第二十八条第二款");
    expect(articleText(t, "25(5)")).toBe("第二十五条第（五）项");
    expect(articleText(t, "22¶1(1)")).toBe("第二十二条第一款第（一）项");
    expect(articleText(t, "10")).toBe("第十条");
    expect(articleText(t, "31(6)")).toBe("第三十一条第（六）项");
    expect(articleText(i18next.getFixedT("en"), "28¶2")).toBe("Art. 28 par. 2");
  });

  it("leaves its number to the heading above it", () => {
    const t = i18next.getFixedT("zh-CN");
    expect([paragraphText(t, "22¶1(1)"), paragraphText(t, "N17¶2"), paragraphText(t, "28")]).toEqual(["第一款第（一）项", "第二款", ""]);
    expect(paragraphText(i18next.getFixedT("en"), "28¶2")).toBe("par. 2");
  });

  it("of another body of law carries its title", () => {
    const t = i18next.getFixedT("zh-CN");
    expect(articleText(t, "N17¶2")).toBe("《公共安全视频图像信息系统管理条例》第十七条第二款");
    expect(articleText(t, "CTL 32")).toBe("《反恐怖主义法》第三十二条");
    expect(articleText(i18next.getFixedT("en"), "N17")).toBe("Decree 799 Art. 17");
    expect(articleText(t, "XY 3")).toBe("XY 3");
  });

  it("that we cannot read stays as it came", () => {
    expect(articleText(i18next.getFixedT("en"), "decree 799, 12")).toBe("decree 799, 12");
  });
});

describe("the way to an article", () => {
  it("leads to the duty that refuses", () => {
    expect(lawPath("22¶1(1)", "R22.1")).toBe("/regulation/22#R22.1");
    expect(lawPath("N17¶1", "N17.1")).toBe("/regulation/N17#N17.1");
    expect(lawPath("CTL 32", "CTL32")).toBe("/regulation/CTL32#CTL32");
  });

  it("leads to the article where no duty is named, or to that of the duty alone", () => {
    expect(lawPath("28¶2")).toBe("/regulation/28");
    expect(lawPath("28¶2", "worker_away")).toBe("/regulation/28");
    expect(lawPath(null, "N8.1")).toBe("/regulation/N8#N8.1");
  });

  it("leads nowhere from what is no article", () => {
    expect([lawPath("GB 35114"), lawPath(null, "not_found"), lawPath(null)]).toEqual([null, null, null]);
    expect([articleOf("R28.1"), articleOf("N17"), articleOf("bug")]).toEqual(["28", "N17", null]);
  });
});
