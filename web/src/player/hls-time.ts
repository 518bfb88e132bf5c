/** Between an HLS player's seconds and UTC, by the playlist's EXT-X-PROGRAM-DATE-TIME. */

export interface TimedFragment {
  /** Seconds on the player's timeline. */
  start: number;
  duration: number;
  /** UTC milliseconds of its first picture. */
  programDateTime: number | null;
}

const JOIN = 50; // ms by which neighbouring fragments may miss each other and still count as continuous

/** Where on the player's timeline a moment lies; null when nothing was recorded then. */
export function mediaTimeOf(fragments: readonly TimedFragment[], ms: number): number | null {
  for (const fragment of fragments) {
    if (fragment.programDateTime === null) continue;
    const into = ms - fragment.programDateTime;
    if (into >= -JOIN && into < fragment.duration * 1000 + JOIN) {
      return fragment.start + Math.max(0, Math.min(into / 1000, fragment.duration - 0.001));
    }
  }
  return null;
}

/** The moment shown at `seconds` of the player's timeline; null before anything is known. */
export function momentOf(fragments: readonly TimedFragment[], seconds: number): number | null {
  const fragment = fragments.findLast(({ start }) => start <= seconds + 0.001) ?? fragments[0];
  if (fragment === undefined || fragment.programDateTime === null) return null;
  return fragment.programDateTime + (seconds - fragment.start) * 1000;
}
