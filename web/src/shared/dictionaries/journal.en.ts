import type { JournalDictionary } from "./journal.zh-CN";

export const journalEn: JournalDictionary = {
  journal: {
    title: "Journal",
    checkpoint: "Signed checkpoint",
    origin: "Log",
    size: "Entries signed",
    signedAt: "Signed at",
    root: "Root hash",
    key: "Public key",
    keyHint: "Keep it elsewhere: with it, anybody can check checkpoints and proofs.",
    none: "No entries yet",
    noneHint: "Every look, refusal and change is written here first.",
    proof: "Proof",
    proofOf: "Download the proof of entry {{sequence}}",
    proofHint: "With what the entry says; checked by bingjian journal check and the public key, without the platform.",
    columns: { sequence: "Number", at: "Time", kind: "Kind", entry: "Entry", proof: "Proof" },
  },
};
