/** G.711 (ITU-T): 256 code words, each one amplitude; a table is the whole decoder. */

function alaw(code: number): number {
  const inverted = code ^ 0x55;
  const exponent = (inverted & 0x70) >> 4;
  const mantissa = inverted & 0x0f;
  const magnitude = exponent === 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (exponent - 1);
  return inverted & 0x80 ? magnitude : -magnitude;
}

function ulaw(code: number): number {
  const inverted = ~code & 0xff;
  const magnitude = ((((inverted & 0x0f) << 3) + 0x84) << ((inverted & 0x70) >> 4)) - 0x84;
  return inverted & 0x80 ? -magnitude : magnitude;
}

const table = (decode: (code: number) => number): Float32Array =>
  Float32Array.from({ length: 256 }, (_, code) => decode(code) / 32768);

const TABLES = { alaw: table(alaw), ulaw: table(ulaw) };

/** One sample of −1…1 for each byte; of several channels the first. */
export function decodeG711(bytes: Uint8Array, law: "alaw" | "ulaw", channels = 1): Float32Array<ArrayBuffer> {
  const values = TABLES[law];
  const samples = new Float32Array(Math.floor(bytes.length / channels));
  for (let i = 0; i < samples.length; i++) samples[i] = values[bytes[i * channels] as number] as number;
  return samples;
}
