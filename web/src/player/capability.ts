/** What this browser decodes, asked once. */

const SAMPLE = { h264: 'video/mp4; codecs="avc1.640028"', h265: 'video/mp4; codecs="hvc1.1.6.L120.90"' };
const known = new Map<string, boolean>();

export function canPlayMime(mime: string): boolean {
  const before = known.get(mime);
  if (before !== undefined) return before;
  const answer = typeof MediaSource !== "undefined" && MediaSource.isTypeSupported(mime);
  known.set(mime, answer);
  return answer;
}

export function canPlay(codec: keyof typeof SAMPLE): boolean {
  return canPlayMime(SAMPLE[codec]);
}

/** From a camera's reported codec ("h264", "h265" or an RFC 6381 string); unknown counts as playable until tried. */
export function playable(codec: string | null | undefined): boolean {
  if (codec === null || codec === undefined) return true;
  return /^(h\.?265|hevc|hvc1|hev1)/i.test(codec) ? canPlay("h265") : true;
}
