import type { EndingDictionary } from "./ending.zh-CN";

export const endingEn: EndingDictionary = {
  ending: {
    cameras: "Cameras that are no longer recorded: {{n}}",
    more: "and {{n}} more",
    kept: "What was recorded stays.",
    reason: "Reason",
    cancel: "Cancel",
  },
};
