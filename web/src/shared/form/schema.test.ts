import { describe, expect, it } from "vitest";

import { fromCivilInput, toCivilInput } from "./moments";
import { cleanedGroup, faultsOf, fieldOf, fieldsOf, initialOf, kindOf, pathsOf, placeOf, type Group, type Schema } from "./schema";

// As pydantic describes its models.
const UUID = { type: "string", format: "uuid" } as const;
const FORM: Schema = {
  type: "object",
  $defs: {
    Opinion: {
      type: "object",
      properties: { document: { ...UUID, ref: "document", zh: "意见函", en: "Letter" }, text: { type: "string", maxLength: 4000, default: "" } },
      required: ["document"],
    },
  },
  properties: {
    title: { type: "string", minLength: 1, maxLength: 200 },
    note: { type: "string", maxLength: 4000, default: "" },
    anything: { type: "string" },
    cells: { type: "integer", minimum: 1 },
    share: { anyOf: [{ type: "number", exclusiveMaximum: 1 }, { type: "string", pattern: "^\\d" }] },
    day: { type: "string", format: "date" },
    at: { anyOf: [{ type: "string", format: "date-time" }, { type: "null" }], default: null },
    investment: { type: "string", enum: ["government", "social"] },
    division: { type: "string", pattern: "^(\\d{6})?$", default: "", options: { "230102": { zh: "道里区", en: "Daoli" } } },
    department: { anyOf: [{ type: "string" }, { type: "null" }], default: null, options: { finance: { zh: "财政部门", en: "finance" } } },
    purposes: { type: "array", items: { type: "string" }, options: { safety: { zh: "公共安全", en: "safety" } } },
    is_public: { type: "boolean" },
    owner: { anyOf: [{ ...UUID, ref: "organisation" }, { type: "null" }], default: null },
    cameras: { type: "array", items: { ...UUID, ref: "camera" }, minItems: 1 },
    standards: { type: "array", items: { type: "string", maxLength: 200 }, maxItems: 2, default: [] },
    opinion: { $ref: "#/$defs/Opinion", zh: "意见", en: "Opinion" },
    opinions: { type: "array", items: { $ref: "#/$defs/Opinion" } },
    answers: { type: "object", additionalProperties: { $ref: "#/$defs/Opinion" } },
    papers: { type: "object", patternProperties: { "^[a-z]+$": { ...UUID, ref: "document" } } },
    second: { anyOf: [{ $ref: "#/$defs/Opinion" }, { type: "null" }], default: null },
    point: { type: "array", prefixItems: [{ type: "number" }, { type: "number" }] },
    always: { const: "v1" },
  },
  required: ["title", "cells", "investment", "cameras", "opinion"],
};
const root = fieldOf(FORM, FORM);
const field = (name: string) => fieldOf(FORM.properties?.[name] ?? {}, FORM);
const ID = "0b0a4f4e-0000-4000-8000-000000000001";
const GOOD: Group = { ...(initialOf(root, FORM) as Group), title: "道里区规划", cells: 3, investment: "social", cameras: [ID], opinion: { document: ID, text: "" } };

describe("a field", () => {
  it("is asked for by its kind", () => {
    expect(Object.fromEntries(fieldsOf(root, FORM).map(([name, one]) => [name, kindOf(one, FORM)]))).toEqual({
      title: "line", note: "text", anything: "line", cells: "number", share: "number", day: "date", at: "instant", investment: "choice", division: "choice",
      department: "choice", purposes: "choices", is_public: "yesNo", owner: "ref", cameras: "refs", standards: "lines", opinion: "group", opinions: "list",
      answers: "map", papers: "map", second: "group", point: "other", always: "fixed",
    });
  });

  it("keeps its own label where it refers to a model", () => expect(field("opinion").zh).toBe("意见"));
  it("may be left out where null is among its types", () => {
    expect(field("owner")).toMatchObject({ optional: true, ref: "organisation" });
    expect(field("cells").optional).toBe(false);
  });

  it("begins empty, or as its default says", () => {
    expect(initialOf(root, FORM)).toMatchObject({ title: "", cells: null, division: "", standards: [], opinion: { document: null, text: "" }, second: null, answers: {}, always: "v1" });
  });
});

describe("the faults of a form", () => {
  const faults = (value: Group) => Object.fromEntries(faultsOf(root, value, FORM));

  it("are none where everything is as it must be", () => expect(faults(GOOD)).toEqual({}));
  it("name each field that is needed, inside groups too", () => {
    expect(faults(initialOf(root, FORM) as Group)).toEqual({
      title: { key: "required" }, cells: { key: "required" }, investment: { key: "required" }, cameras: { key: "tooFew", n: 1 }, "opinion.document": { key: "required" },
    });
  });

  it.each([
    ["cells", 0, "tooSmall"], ["cells", 1, undefined], ["share", 1, "tooLarge"], ["share", 0.999, undefined], ["title", "x".repeat(200), undefined],
    ["title", "x".repeat(201), "tooLong"], ["title", "   ", "required"], ["division", "23010", "pattern"], ["division", "230102", undefined],
    ["standards", ["a", "b"], undefined], ["standards", ["a", "b", "c"], "tooMany"],
  ])("%s = %j is %s", (name, value, key) => expect(faults({ ...GOOD, [name]: value })[name]?.key).toBe(key));

  it("are found in every item of a list", () => {
    expect(faults({ ...GOOD, opinions: [{ document: ID, text: "" }, { document: null, text: "" }] })).toEqual({ "opinions.1.document": { key: "required" } });
  });
});

describe("what is sent", () => {
  it("leaves out what has a default and was left empty, and says null where that is allowed", () => {
    const sent = cleanedGroup(root, { ...GOOD, owner: null, department: "", note: "" }, FORM);
    expect(sent).toMatchObject({ title: "道里区规划", owner: null, department: null, opinion: { document: ID } });
    expect("note" in sent).toBe(false);
  });

  it("has no empty lines", () => expect(cleanedGroup(root, { ...GOOD, standards: [" GB/T 28181 ", "", "  "] }, FORM)["standards"]).toEqual(["GB/T 28181"]));
});

describe("what the server says of a field", () => {
  const known = pathsOf(root, { ...GOOD, opinions: [{ document: ID }] }, FORM);
  it.each([
    ["body.title", "title"], ["opinion.document", "opinion.document"], ["body.opinions.0.document", "opinions.0.document"], ["opinions.document", "opinions"],
    ["body.cells.int", "cells"], ["body.version", ""], ["cells2", ""],
  ])("%s stands at %s", (said, place) => expect(placeOf(said, known)).toBe(place));
});

describe("instants in an input", () => {
  it("are civil time of UTC+8, wherever the browser stands", () => {
    expect(toCivilInput("2026-11-26T18:30:00Z")).toBe("2026-11-27T02:30");
    expect(fromCivilInput("2026-11-27T02:30")).toBe("2026-11-27T02:30:00+08:00");
    expect(fromCivilInput("")).toBeNull();
    expect(toCivilInput("")).toBe("");
  });
});

describe("an area", () => {
  const AREA: Schema = { type: "array", items: { type: "array", minItems: 2, maxItems: 2, prefixItems: [{ type: "number" }, { type: "number" }] }, maxItems: 1000 };
  const form = (area: Schema) => fieldOf({ type: "object", required: ["area"], properties: { area } }, {});
  const corners = [[126.6, 45.7], [126.61, 45.7], [126.61, 45.71]];

  it("is a list of points, not JSON to type", () => {
    expect(kindOf(fieldOf(AREA, {}), {})).toBe("ring");
    const share = { type: "number", minimum: 0, maximum: 1 };
    expect(kindOf(fieldOf({ type: "array", items: { type: "array", prefixItems: [share, share] } }, {}), {})).toBe("outline");
    expect(initialOf(fieldOf(AREA, {}), {})).toEqual([]);
  });

  it("has three whole corners or more, unless it may be left out", () => {
    const faults = (area: unknown, schema = AREA) => faultsOf(form(schema), { area }, {}).get("area")?.key;
    expect([corners, corners.slice(1), [], [...corners, [126.6, null]]].map((area) => faults(area))).toEqual([undefined, "tooFew", "tooFew", "required"]);
    expect(faults([], { anyOf: [AREA, { type: "null" }] })).toBeUndefined();
    expect(cleanedGroup(form({ anyOf: [AREA, { type: "null" }] }), { area: [] }, {})).toEqual({ area: null });
  });
});
