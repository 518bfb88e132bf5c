const COMMAND = /<CmdType>\s*(\w+)\s*<\/CmdType>/;

/** What a message is, in few words: its start line without the address, its sequence, and its command. */
export function firstLine(text: string): string {
  const line = text.split(/\r?\n/, 1)[0] ?? "";
  const [first = "", second = "", ...rest] = line.split(" ");
  const start = first.startsWith("SIP/") ? [second, ...rest].join(" ") : first;
  const sequence = /^CSeq:\s*(\d+\s+\w+)/im.exec(text)?.[1] ?? "";
  const command = COMMAND.exec(text)?.[1] ?? "";
  return [start, command, sequence === "" ? "" : `(${sequence})`].filter((part) => part !== "").join(" ");
}
