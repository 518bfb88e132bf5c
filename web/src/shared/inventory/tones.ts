export type Tone = "good" | "busy" | "warn" | "bad" | "quiet";

const TONES: Readonly<Record<string, Tone>> = {
  planned: "quiet", designed: "quiet", approved: "busy", building: "busy", trial: "busy", accepted: "good", in_service: "good", suspended: "warn", retired: "quiet",
};

/** The tone of a state in a camera's life. */
export const toneOf = (state: string): Tone => TONES[state] ?? "quiet";
