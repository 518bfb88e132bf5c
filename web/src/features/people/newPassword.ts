/** A password of 100 random bits, as the server makes them: four groups of five, nothing that looks alike. */

const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"; // 32 characters: five bits each
const GROUPS = 4;
const LENGTH = 5;

export function newPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(GROUPS * LENGTH));
  const characters = [...bytes].map((byte) => ALPHABET[byte % ALPHABET.length] ?? "");
  return Array.from({ length: GROUPS }, (_, group) => characters.slice(group * LENGTH, (group + 1) * LENGTH).join("")).join("-");
}
