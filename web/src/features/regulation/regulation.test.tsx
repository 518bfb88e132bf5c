import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import i18next from "i18next";
import { Route, Routes } from "react-router";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import type { Article, Conflict, Duty, Edition, Parameter, Regulation, Words } from "../../api/regulation";
import { speak, startTranslations } from "../../shared/i18n";
import { refusal, serve, shown } from "../../test-server";
import { besideOf, matched } from "./match";
import RegulationPage from "./RegulationPage";
import { exactFirst } from "./Rows";
import { find, fromNumeral, parseQuery, pieces, type Tongue } from "./search";

beforeAll(async () => {
  await startTranslations("en");
  Element.prototype.scrollIntoView = vi.fn(); // jsdom has no layout to scroll
});
beforeEach(() => void i18next.changeLanguage("en"));
afterEach(cleanup);

const words = (zh: string, en: string): Words => ({ zh, en });

const place = (cite: string) => {
  const [, mark, number, rest] = /^([A-Z ]*)(\d+)(.*)$/.exec(cite) ?? [];
  const named = { N: ["《条例》", "Decree 799 "], "CTL ": ["《反恐怖主义法》", "Counter-terrorism Law "] }[mark ?? ""] ?? ["", ""];
  return { cite, zh: `${named[0]}第${number}条${rest}`, en: `${named[1]}art. ${number}${rest}` };
};

const duty = (code: string, cite: string, change: Partial<Duty> = {}): Duty => ({
  code, place: place(cite), bound: [{ code: "operator", words: words("经营管理单位", "operator of the place") }], act: "enforce",
  text: words(`${code} 的义务`, `what ${code} wants`), part: "retention", beside: [], decisions: [`retention.${code}`], refusals: [code], binds: true, ...change,
});

const article = (id: string, heading: Words, change: Partial<Article> = {}): Article => ({
  id, number: Number(/\d+$/.exec(id)?.[0]), place: place(id.replace("CTL", "CTL ")), heading, reference: "原文几个字", text: words("释义", "paraphrase"),
  protective: false, duties: [], parameters: [], codes: [], penalties: [], ...change,
});

const days = (key: string, value: number, cite: string, code: string, change: Partial<Parameter> = {}): Parameter => ({
  key, value, unit: "days", bound: "least", place: place(cite), duty: code, design: false, note: words("至少保存", "kept at least"), decides: true, ...change,
});

const CITY: Edition = {
  code: "city", title: words("市办法", "City measures"), mark: "", kind: "local_measure", issued: "2023-10-25", effective: null, expiry: null, successor: null,
  is_excerpt: false, standing: "in_force",
  articles: [
    article("2", words("适用范围", "Scope"), { duties: [duty("R2.1", "2")] }),
    article("17", words("验收", "Acceptance"), { duties: [duty("R17.1", "17")] }),
    article("22", words("调取", "Taking footage"), {
      duties: [duty("R22.1", "22(1)"), duty("R22.10", "22(10)", { binds: false })],
      text: words("持介绍信方可调取图像", "With a letter of introduction one may take footage"),
      penalties: [{ place: place("22"), conduct: words("擅自调取", "taking without leave"), measure: words("责令改正", "ordered to stop"), duties: ["R31.2"] }],
    }),
    article("28", words("保存期限", "How long footage is kept"), {
      duties: [duty("R28.1", "28¶2", { beside: ["N17.1"] }), duty("R28.3", "28¶2"), duty("R28.8", "28", { decisions: [], refusals: [] })],
      parameters: [days("retention.default", 30, "28¶2", "R28.1"), days("mark.review", 180, "28", "R99.9", { design: true, note: words("至少复核一次", "reviewed at least every") })],
      codes: [
        { of: "bound", code: "operator", words: words("经营管理单位", "operator"), place: place("28"), number: 0 },
        { of: "access_rule", code: "two", words: words("不少于两人", "two officers"), place: place("28"), number: 1 },
      ],
    }),
  ],
};

const DECREE: Edition = {
  ...CITY, code: "decree", title: words("条例", "Decree 799"), mark: "N", kind: "administrative_regulation", effective: "2025-04-01",
  articles: [
    article("N14", words("备案", "Filing"), { duties: [duty("N14", "N14")] }),
    article("N17", words("保存三十日", "Thirty days"), {
      duties: [duty("N17.1", "N17¶1"), duty("N17.2", "N17¶2")],
      parameters: [days("retention.default", 28, "N17¶1", "N17.1", { decides: false })],
    }),
    article("N22", words("禁止行为", "Forbidden acts")),
  ],
};

const LAW: Edition = {
  ...CITY, code: "ctl", title: words("反恐怖主义法", "Counter-terrorism Law"), mark: "CTL", kind: "statute", is_excerpt: true,
  articles: [article("CTL32", words("重点目标", "Key targets"), { duties: [duty("CTL32", "CTL 32", { beside: ["R28.1"] })] })],
};

const CONFLICTS: Conflict[] = [
  { code: "C2", conflict: words("重要信息期限不同", "Terms of important footage differ"), choice: words("按期复核", "A mark is reviewed"), duties: ["R28.3", "N17.2"] },
  { code: "C1", conflict: words("备案期限不同", "Terms of filing differ"), choice: words("先到期的优先", "The earlier comes first"), duties: ["R17.1", "N14", "R22.1", "N17.1"] },
];

const REGULATION: Regulation = { editions: [CITY, DECREE, LAW], conflicts: CONFLICTS };

describe("matching", () => {
  const { rows, alone } = matched(REGULATION);
  const besides = (id: string) => rows.find((row) => row.article.id === id)?.beside.map((one) => [one.article.id, one.whole]);

  it("puts beside an article what commands the same, and what a conflict names with it", () => {
    expect(besides("28")).toEqual([["N17", true], ["CTL32", true]]);
    expect(besides("17")).toEqual([["N14", true], ["N17", false]]);
    expect(besides("2")).toEqual([]);
  });

  it("shows an article in full once: beside the one it shares most with, else the first", () => {
    const whole = rows.flatMap(({ beside }) => beside.filter((one) => one.whole).map((one) => one.article.id));
    expect(whole.toSorted()).toEqual(["CTL32", "N14", "N17"]);
  });

  it("keeps apart what nothing answers to", () => {
    expect(alone.map(({ edition, articles }) => [edition.code, articles.map(({ id }) => id)])).toEqual([["decree", ["N22"]]]);
  });

  it("leaves no article out", () => {
    const seen = [...rows.flatMap((row) => [row.article, ...row.beside.filter(({ whole }) => whole).map((one) => one.article)]), ...alone.flatMap(({ articles }) => articles)];
    expect(seen.map(({ id }) => id).toSorted()).toEqual(REGULATION.editions.flatMap(({ articles }) => articles.map(({ id }) => id)).toSorted());
  });

  it("knows what stands beside a duty from both sides, and nothing of what is not there", () => {
    const beside = besideOf(REGULATION.editions);
    expect(beside.get("R28.1")).toEqual(["N17.1", "CTL32"]);
    expect(beside.get("N17.1")).toEqual(["R28.1"]);
    const stray = { ...REGULATION, editions: [{ ...CITY, articles: [article("1", words("一", "one"), { duties: [duty("R1.1", "1", { beside: ["N99"] })] })] }] };
    expect(besideOf(stray.editions).size).toBe(0);
  });
});

describe("search", () => {
  const units = (name: string, tongue: Tongue): string => (tongue === "zh" && name === "days" ? "天" : name);
  const hits = (typed: string, tongue: Tongue = "en") => {
    const query = parseQuery(typed);
    return query === null ? null : [...find(REGULATION, query, tongue, units).articles.keys()];
  };

  it("reads numerals", () => {
    expect(["八", "十", "十七", "二十", "二十八", "一百零二"].map(fromNumeral)).toEqual([8, 10, 17, 20, 28, 102]);
    expect(["零", "二八", ""].map(fromNumeral)).toEqual([null, null, null]);
  });

  it.each(["28", "二十八", "第二十八条", "第28条", "art. 28", "Article 28", "２８", "28¶2", "第二十八条第二款"])("finds article 28 by %s", (typed) => {
    const query = parseQuery(typed);
    expect(query === null ? null : find(REGULATION, query, "en", units).articles.get("28")?.exact).toBe(true);
  });

  it.each(["N17", "n17", "N 17", "n17.2", "Ｎ１７"])("finds the decree's article by %s, and not the city's", (typed) => {
    const query = parseQuery(typed);
    const found = query === null ? null : find(REGULATION, query, "zh", units).articles;
    expect(found?.get("N17")?.exact).toBe(true);
    expect(found?.has("17")).toBe(false);
  });

  it("finds the excerpt by its mark", () => expect(hits("CTL 32")).toContain("CTL32"));

  it("takes a number for any edition's article, and as a number in the texts", () => {
    expect(hits("17")).toEqual(["17", "N17"]);
    expect(hits("30")).toEqual(["28"]);
  });

  it("keeps numbers and codes whole", () => {
    expect(hits("R22.1")).toEqual(["22"]);
    expect(hits("18")).toEqual([]);
    expect(pieces("R22.1 R22.10", parseQuery("R22.1")?.terms ?? []).filter(({ hit }) => hit)).toEqual([{ text: "R22.1", hit: true }]);
  });

  it("finds words, all of them, in one article", () => {
    expect(hits("letter introduction")).toEqual(["22"]);
    expect(hits("letter thirty")).toEqual([]);
    expect(hits("LETTER")).toEqual(["22"]);
  });

  it("finds a number with its unit, apart or not", () => {
    expect(hits("30天", "zh")).toEqual(["28"]);
    expect(hits("30 days")).toEqual(["28"]);
  });

  it("finds the other language's words and says so", () => {
    const query = parseQuery("介绍信");
    const hit = query === null ? undefined : find(REGULATION, query, "en", units).articles.get("22");
    expect(hit).toEqual({ exact: false, other: ["持介绍信方可调取图像"] });
  });

  it("finds penalties and lists, but not the words for those who are bound as a list", () => {
    expect(hits("without leave")).toEqual(["22"]);
    expect(hits("two officers")).toEqual(["28"]);
  });

  it("finds conflicts by code and words", () => {
    const query = parseQuery("C2");
    expect([...(query === null ? [] : find(REGULATION, query, "en", units).conflicts)]).toEqual(["C2"]);
  });

  it("looks for nothing when nothing is typed", () => expect([hits(""), hits("  ")]).toEqual([null, null]));

  it("takes signs for what they are", () => {
    expect(hits("(")).toEqual(["22"]);
    expect(hits("[a-z")).toEqual([]);
  });

  it("puts the article asked for first", () => {
    const query = parseQuery("28");
    const found = query === null ? null : find(REGULATION, query, "en", units);
    const { rows } = matched(REGULATION);
    const wider = found === null ? null : { ...found, articles: new Map([["2", { exact: false, other: [] }], ...found.articles] as const) };
    expect(wider === null ? [] : exactFirst(rows, wider).map((row) => row.article.id)).toEqual(["28", "2"]);
  });

  it("marks every hit, also where two overlap", () => {
    const marked = pieces("footage is kept", [/foot/giu, /otage/giu]).map(({ text, hit }) => (hit ? `[${text}]` : text)).join("");
    expect(marked.replaceAll("][", "")).toBe("[footage] is kept");
    expect(pieces("", [/a/giu])).toEqual([{ text: "", hit: false }]);
  });
});

describe("the page", () => {
  const open = (address = "/regulation"): void =>
    shown(
      <Routes>
        <Route path="/regulation/:article?" element={<RegulationPage />} />
      </Routes>,
      address,
    );
  const articleOn = async (id: string): Promise<HTMLElement> => {
    await screen.findByTestId("regulation-page");
    const found = document.querySelector<HTMLElement>(`[data-article="${id}"]`);
    if (found === null) throw new Error(`no article ${id}`);
    return found;
  };
  beforeEach(() => void serve({ "GET /regulation": { body: REGULATION } }));

  it("reads as a document: heading, text, reference, duties, whom they bind, numbers, refusals", async () => {
    open();
    const text = (await articleOn("28")).textContent ?? "";
    for (const told of ["How long footage is kept", "paraphrase", "原文几个字", "what R28.1 wants", "operator of the place", "30 days", "Refusal it can cause R28.1", "retention.R28.1", "N17.1"]) {
      expect(text).toContain(told);
    }
    expect(within(await articleOn("28")).getByText("by design")).toBeTruthy();
    expect((await articleOn("28")).textContent).toContain("its decision is not connected yet");
    expect((await articleOn("22")).textContent).toContain("does not bind at present");
    expect((await articleOn("22")).textContent).toContain("ordered to stop");
    expect((await articleOn("N17")).textContent).toContain("a stricter number decides");
  });

  it("stands in Chinese in the Chinese application", async () => {
    await speak("zh-CN");
    open();
    const text = (await articleOn("28")).textContent ?? "";
    for (const told of ["第二十八条", "保存期限", "释义", "30 天", "不满足即拒绝", "经营管理单位", "可能的拒绝 R28.1"]) expect(text).toContain(told);
  });

  it("puts the decree beside the city's article, with the choice between them", async () => {
    open();
    const row = (await articleOn("28")).closest("[data-row]");
    expect(row?.querySelector('[data-article="N17"]')).not.toBeNull();
    expect(row?.querySelector('[data-article="CTL32"]')).not.toBeNull();
    expect(row?.textContent).toContain("A mark is reviewed");
    expect((await articleOn("2")).closest("[data-row]")?.textContent).toContain("Higher law has nothing that answers to this");
  });

  it("marks the duty that the address names, and takes the keyboard there", async () => {
    open("/regulation/22#R22.1");
    await articleOn("22");
    const marked = document.querySelector<HTMLElement>('[aria-current="location"][data-duty]');
    expect(marked?.dataset["duty"]).toBe("R22.1");
    await waitFor(() => expect(document.activeElement).toBe(marked));
    expect(Element.prototype.scrollIntoView).toHaveBeenCalled();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("goes to an article without a duty, and to a conflict", async () => {
    open("/regulation/N17");
    const decree = await articleOn("N17");
    await waitFor(() => expect(document.activeElement).toBe(decree));
    cleanup();
    open("/regulation#C2");
    await screen.findByTestId("regulation-page");
    await waitFor(() => expect((document.activeElement as HTMLElement).dataset["conflict"]).toBe("C2"));
  });

  it("says plainly when there is no such article or duty", async () => {
    open("/regulation/99");
    expect((await screen.findByRole("alert")).textContent).toContain("no article “99”");
    cleanup();
    open("/regulation/22#R22.99");
    expect((await screen.findByRole("alert")).textContent).toContain("no duty R22.99");
    expect(document.activeElement).toBe(await articleOn("22"));
  });

  it("searches as one types, marks what it found, and says when there is nothing", async () => {
    open();
    const box = await screen.findByLabelText("Search the regulation");
    await userEvent.type(box, "letter");
    await waitFor(() => expect(document.querySelector('[data-article="28"]')).toBeNull());
    expect((await articleOn("22")).querySelector("mark")?.textContent).toBe("letter");
    expect(screen.getByTestId("law-found").textContent).toContain("articles found: 1");
    await userEvent.clear(box);
    await userEvent.type(box, "unicorn");
    expect(await screen.findByText("Nothing found for “unicorn”")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Clear the search" }));
    expect(await articleOn("28")).toBeTruthy();
  });

  it("goes to what was found with Enter, and keeps the search", async () => {
    open();
    await userEvent.type(await screen.findByLabelText("Search the regulation"), "28{Enter}");
    await waitFor(() => expect((document.activeElement as HTMLElement).dataset["article"]).toBe("28"));
    expect(screen.getByLabelText<HTMLInputElement>("Search the regulation").value).toBe("28");
  });

  it("takes a search from the address", async () => {
    open("/regulation?q=%E4%BB%8B%E7%BB%8D%E4%BF%A1");
    expect((await articleOn("22")).textContent).toContain("Found in the Chinese text:");
    expect(document.querySelector('[data-article="2"]')).toBeNull();
  });

  it("lists every article in its contents", async () => {
    open();
    const contents = await screen.findByRole("navigation", { name: "Contents" });
    expect(within(contents).getAllByRole("link")).toHaveLength(9); // 8 articles and the conflicts
    await userEvent.click(within(contents).getByRole("link", { name: /22 Taking footage/ }));
    await waitFor(() => expect((document.activeElement as HTMLElement).dataset["article"]).toBe("22"));
  });

  it("says what is wrong when the server does not answer", async () => {
    serve({ "GET /regulation": refusal("worker_away", null, "away", null, 503) });
    open();
    expect(await screen.findByRole("alert")).toBeTruthy();
  });
});
