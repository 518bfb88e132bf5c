import type { CopiesDictionary } from "./copies.zh-CN";

export const copiesEn: CopiesDictionary = {
  copies: {
    title: "Take a copy",
    notAllowed:
      "Your roles do not let you take footage away. Only the role “Custodian” does: ask the administrator of accounts for it, or a custodian for the copy.",
    start: "Start (+08:00)",
    end: "End (+08:00)",
    utc: "UTC {{time}}",
    timeBad: "Write it like 2026-11-26 14:00:05",
    length: "Length {{duration}}. A file begins with the first key frame of it; no frame is changed.",
    form: "Form of the file",
    forms: {
      download: { name: "Plain MP4", text: "Any player opens it; time counts from zero, and over a gap the last picture stands. At most 6 hours." },
      fragmented: { name: "As stored, fragmented MP4", text: "The very fragments that are stored, with absolute times, for checks and further work. At most 24 hours." },
    },
    faults: {
      order: "The end must lie after the start.",
      future: "The end has not come yet: what is not recorded can't be copied.",
      long: "Longer than this form allows: shorten the interval, or take it in parts; as stored, at most 24 hours.",
    },
    grant: "Under the grant",
    noGrant: "No grant under art. 22 that still holds names this camera, so nothing may be copied: two officers apply for one.",
    toRequests: "To the requests",
    journalled: "Who takes what, when and why is in the journal before the file is given.",
    ask: "Make the copy",
    whole: "This interval is recorded whole.",
    missing: "Missing in this interval: {{n}}, in all {{duration}}",
    more: "{{n}} more: see the timeline",
    undecided: "The last {{duration}} are still being written and may not be in the file.",
    files: "Files: {{n}}",
    several: "The camera's configuration changed (or its clock ran backwards), so there are several files.",
    size: "{{duration}}, {{bytes}}",
    clock: "camera clock off by {{seconds}} s",
    download: "Download",
    downloadOf: "Download {{name}}",
    problems: {
      nothing_recorded: "Nothing is recorded in this interval, so there is no file to take.",
      unreadable: "The footage of this interval can't be read. See the findings on the Storage page.",
      too_many_files: "The configuration changed too often in this interval to copy it at once. Shorten it.",
      ticket_lapsed: "The leave to fetch this copy has lapsed. Make it again.",
    },
  },
};
