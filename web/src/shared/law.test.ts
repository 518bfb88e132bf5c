import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";

import { startTranslations } from "./i18n";
import { articleText } from "./law";

beforeAll(() => startTranslations("zh-CN"));

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

  it("that we cannot read stays as it came", () => {
    expect(articleText(i18next.getFixedT("en"), "decree 799, 12")).toBe("decree 799, 12");
  });
});
