/** Reading ISO/IEC 14496-12 boxes, only as far as the page needs: finding G.711 samples in a fragment. */

export interface Box {
  type: string;
  /** First byte after the header, and the first byte after the box. */
  start: number;
  end: number;
}

/** Boxes between two offsets; a box that lies about its size ends the walk. */
export function* boxes(data: DataView, from = 0, to = data.byteLength): Generator<Box> {
  let at = from;
  while (at + 8 <= to) {
    let size = data.getUint32(at);
    let header = 8;
    if (size === 1) {
      if (at + 16 > to) return;
      size = data.getUint32(at + 8) * 2 ** 32 + data.getUint32(at + 12);
      header = 16;
    } else if (size === 0) {
      size = to - at;
    }
    if (size < header || at + size > to) return;
    yield { type: fourcc(data, at + 4), start: at + header, end: at + size };
    at += size;
  }
}

function fourcc(data: DataView, at: number): string {
  return String.fromCharCode(data.getUint8(at), data.getUint8(at + 1), data.getUint8(at + 2), data.getUint8(at + 3));
}

function child(data: DataView, box: Box, ...path: string[]): Box | null {
  let here: Box | null = box;
  for (const type of path) {
    if (here === null) return null;
    let found: Box | null = null;
    for (const candidate of boxes(data, here.start, here.end)) {
      if (candidate.type === type) {
        found = candidate;
        break;
      }
    }
    here = found;
  }
  return here;
}

export interface G711Track {
  id: number;
  law: "alaw" | "ulaw";
  timescale: number;
  channels: number;
}

/** The G.711 track of an init segment (its handler is `meta`, so that the browser leaves it alone). */
export function g711Track(init: Uint8Array): G711Track | null {
  try {
    return findG711(viewOf(init));
  } catch {
    return null; // a box cut short: no sound is better than no picture
  }
}

function findG711(data: DataView): G711Track | null {
  for (const moov of boxes(data)) {
    if (moov.type !== "moov") continue;
    for (const trak of boxes(data, moov.start, moov.end)) {
      if (trak.type !== "trak") continue;
      const track = g711Of(data, trak);
      if (track !== null) return track;
    }
  }
  return null;
}

function g711Of(data: DataView, trak: Box): G711Track | null {
  const tkhd = child(data, trak, "tkhd");
  const mdhd = child(data, trak, "mdia", "mdhd");
  const stsd = child(data, trak, "mdia", "minf", "stbl", "stsd");
  if (tkhd === null || mdhd === null || stsd === null) return null;
  const entry = boxes(data, stsd.start + 8, stsd.end).next().value;
  if (entry === undefined || (entry.type !== "alaw" && entry.type !== "ulaw")) return null;
  return {
    id: data.getUint32(tkhd.start + (data.getUint8(tkhd.start) === 1 ? 20 : 12)),
    law: entry.type,
    timescale: data.getUint32(mdhd.start + (data.getUint8(mdhd.start) === 1 ? 20 : 12)),
    channels: Math.max(1, data.getUint16(entry.start + 16)),
  };
}

/** A run of one track's samples inside a fragment. */
export interface Run {
  /** Decode time of the first sample, in the track's timescale. */
  time: number;
  data: Uint8Array;
}

const TFHD_BASE = 0x1;
const TFHD_DESCRIPTION = 0x2;
const TFHD_DURATION = 0x8;
const TFHD_SIZE = 0x10;
const TRUN_OFFSET = 0x1;
const TRUN_FIRST_FLAGS = 0x4;
const TRUN_DURATION = 0x100;
const TRUN_SIZE = 0x200;
const TRUN_FLAGS = 0x400;
const TRUN_COMPOSITION = 0x800;

/** All samples of one track in one or several concatenated `moof`+`mdat` pairs. */
export function runsOf(fragments: Uint8Array, track: number): Run[] {
  const data = viewOf(fragments);
  const found: Run[] = [];
  let moofAt = 0;
  try {
    for (const box of boxes(data)) {
      if (box.type === "moof") {
        for (const traf of boxes(data, box.start, box.end)) {
          if (traf.type === "traf") found.push(...trafRuns(data, fragments, traf, moofAt, track));
        }
      }
      moofAt = box.end;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // a box cut short: what came before it is whole
  }
  return found;
}

function trafRuns(data: DataView, bytes: Uint8Array, traf: Box, moofAt: number, track: number): Run[] {
  const tfhd = child(data, traf, "tfhd");
  const tfdt = child(data, traf, "tfdt");
  if (tfhd === null || tfdt === null || data.getUint32(tfhd.start + 4) !== track) return [];
  const flags = data.getUint32(tfhd.start) & 0xffffff;
  let at = tfhd.start + 8;
  if (flags & TFHD_BASE) at += 8;
  if (flags & TFHD_DESCRIPTION) at += 4;
  if (flags & TFHD_DURATION) at += 4;
  const defaultSize = flags & TFHD_SIZE ? data.getUint32(at) : 0;
  const time =
    data.getUint8(tfdt.start) === 1
      ? data.getUint32(tfdt.start + 4) * 2 ** 32 + data.getUint32(tfdt.start + 8)
      : data.getUint32(tfdt.start + 4);

  const runs: Run[] = [];
  for (const trun of boxes(data, traf.start, traf.end)) {
    if (trun.type !== "trun") continue;
    const { offset, length } = trunExtent(data, trun, defaultSize);
    const start = moofAt + offset;
    if (length > 0 && start >= 0 && start + length <= bytes.byteLength) {
      runs.push({ time, data: bytes.subarray(start, start + length) });
    }
  }
  return runs;
}

function trunExtent(data: DataView, trun: Box, defaultSize: number): { offset: number; length: number } {
  const flags = data.getUint32(trun.start) & 0xffffff;
  const count = data.getUint32(trun.start + 4);
  let at = trun.start + 8;
  const offset = flags & TRUN_OFFSET ? data.getInt32(at) : 0;
  if (flags & TRUN_OFFSET) at += 4;
  if (flags & TRUN_FIRST_FLAGS) at += 4;
  if (!(flags & TRUN_SIZE)) return { offset, length: count * defaultSize };
  const before = flags & TRUN_DURATION ? 4 : 0;
  const stride = before + 4 + (flags & TRUN_FLAGS ? 4 : 0) + (flags & TRUN_COMPOSITION ? 4 : 0);
  let length = 0;
  for (let sample = 0; sample < count; sample++) length += data.getUint32(at + sample * stride + before);
  return { offset, length };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
