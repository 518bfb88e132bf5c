import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { accessEn } from "./access.en";
import { accessZhCN } from "./access.zh-CN";
import { looksEn } from "./looks.en";
import { masksEn } from "./masks.en";
import { looksZhCN } from "./looks.zh-CN";
import { masksZhCN } from "./masks.zh-CN";
import { controlEn } from "./control.en";
import { controlZhCN } from "./control.zh-CN";
import { copiesEn } from "./copies.en";
import { copiesZhCN } from "./copies.zh-CN";
import { deskEn } from "./desk.en";
import { deskZhCN } from "./desk.zh-CN";
import { en } from "./en";
import { endingEn } from "./ending.en";
import { endingZhCN } from "./ending.zh-CN";
import { gbEn } from "./gb.en";
import { gbZhCN } from "./gb.zh-CN";
import { importsEn } from "./imports.en";
import { importsZhCN } from "./imports.zh-CN";
import { inventoryEn } from "./inventory.en";
import { inventoryZhCN } from "./inventory.zh-CN";
import { journalEn } from "./journal.en";
import { journalZhCN } from "./journal.zh-CN";
import { mapEn } from "./map.en";
import { mapZhCN } from "./map.zh-CN";
import { officeEn } from "./office.en";
import { officeZhCN } from "./office.zh-CN";
import { placesEn } from "./places.en";
import { placesZhCN } from "./places.zh-CN";
import { problemsEn } from "./problems.en";
import { problemsZhCN } from "./problems.zh-CN";
import { regulationEn } from "./regulation.en";
import { regulationZhCN } from "./regulation.zh-CN";
import { ringEn } from "./ring.en";
import { ringZhCN } from "./ring.zh-CN";
import { storageEn } from "./storage.en";
import { storageZhCN } from "./storage.zh-CN";
import { sweepEn } from "./sweep.en";
import { sweepZhCN } from "./sweep.zh-CN";
import { zhCN } from "./zh-CN";

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") found.set(prefix + key, value);
    else for (const [inner, text] of flat(value, `${prefix}${key}.`)) found.set(inner, text);
  }
  return found;
}

const chinese = flat({ ...zhCN, ...accessZhCN, ...looksZhCN, ...masksZhCN, ...copiesZhCN, ...controlZhCN, ...storageZhCN, ...regulationZhCN, ...officeZhCN, ...inventoryZhCN, ...mapZhCN, ...ringZhCN, ...journalZhCN, ...importsZhCN, ...placesZhCN, ...deskZhCN, ...gbZhCN, ...sweepZhCN, ...problemsZhCN, ...endingZhCN } as Tree);
const english = flat({ ...en, ...accessEn, ...looksEn, ...masksEn, ...copiesEn, ...controlEn, ...storageEn, ...regulationEn, ...officeEn, ...inventoryEn, ...mapEn, ...ringEn, ...journalEn, ...importsEn, ...placesEn, ...deskEn, ...gbEn, ...sweepEn, ...problemsEn, ...endingEn } as unknown as Tree);
const SOURCE = join(import.meta.dirname, "..", "..");

function sources(folder = SOURCE): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "dictionaries" ? [] : sources(path);
    return /(?<!\.test)\.tsx?$/.test(entry.name) && !entry.name.endsWith(".d.ts") ? [path] : [];
  });
}

describe("the dictionaries", () => {
  it("have the same keys", () => expect([...english.keys()]).toEqual([...chinese.keys()]));

  it("have no empty text", () => {
    for (const text of [...chinese.values(), ...english.values()]) expect(text.trim()).not.toBe("");
  });

  it("use the same variables", () => {
    const variables = (text: string): string[] => (text.match(/{{\w+}}/g) ?? []).sort();
    for (const [key, text] of chinese) expect([key, variables(english.get(key) ?? "")]).toEqual([key, variables(text)]);
  });

  it("name every cause the server knows", () => {
    const python = readFileSync(join(SOURCE, "..", "..", "bingjian", "recording", "cause.py"), "utf8");
    const causes = [...python.matchAll(/^ {4}[A-Z_]+ = "(\w+)"/gm)].map(([, code]) => code);
    expect(causes.length).toBeGreaterThan(10);
    expect(causes.filter((code) => !chinese.has(`cause.${code}`))).toEqual([]);
  });

  it("name every role", () => {
    const python = readFileSync(join(SOURCE, "..", "..", "bingjian", "access", "decisions.py"), "utf8");
    const roles = [...(python.split("class Verb")[0] ?? "").matchAll(/^ {4}[A-Z_]+ = "(\w+)"/gm)].map(([, role]) => role);
    expect(roles.length).toBeGreaterThan(15);
    expect(roles.filter((role) => !chinese.has(`app.roles.${role}`))).toEqual([]);
  });

  it("hold all the Chinese there is: none in the components", () => {
    const strays = sources()
      .filter((path) => !path.endsWith(join("shared", "time.ts")) && !path.endsWith(join("regulation", "search.ts"))) // parse what people type
      .flatMap((path) => {
        const code = readFileSync(path, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
        return /\p{Script=Han}/u.test(code) && !code.includes("languageNames") ? [path] : [];
      });
    expect(strays).toEqual([]);
  });

  it("answer every key the code asks for", () => {
    const missing = sources().flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(/\bt\("([\w.]+)"/g)]
        .map(([, key]) => key as string)
        .filter((key) => !chinese.has(key)),
    );
    expect(missing).toEqual([]);
  });
});
