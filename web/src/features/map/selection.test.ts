import { describe, expect, it } from "vitest";

import { boxFrom } from "./selection";

describe("a typed area", () => {
  it("is a box of degrees", () => expect(boxFrom(["126.5", "45.7", " 126.7 ", "45.8"])).toEqual([126.5, 45.7, 126.7, 45.8]));
  it.each([
    [["126.7", "45.7", "126.5", "45.8"]], // west of west
    [["126.5", "45.8", "126.7", "45.8"]], // no height
    [["126.5", "", "126.7", "45.8"]],
    [["126.5", "45.7", "181", "45.8"]],
    [["x", "45.7", "126.7", "45.8"]],
  ])("is none: %j", (typed) => expect(boxFrom(typed)).toBeNull());
});
