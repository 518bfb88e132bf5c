/** What a camera sees, as a shape on the ground; the server's own (inventory/view.py) decides, this one is drawn. */

export type Point = [longitude: number, latitude: number];

const METRES_PER_DEGREE = 111_320; // of latitude
const STEP = 5; // degrees between two points of an arc
const TURN = 360;

/** Metres east and north of a point, in degrees; good for a few kilometres. */
export function moved([longitude, latitude]: Point, east: number, north: number): Point {
  return [longitude + east / (METRES_PER_DEGREE * Math.cos((latitude * Math.PI) / 180)), latitude + north / METRES_PER_DEGREE];
}

export interface Looks {
  azimuth: number;
  fov: number;
  distance: number;
  sweep: { pan_from: number; pan_width: number } | null;
}

/** The ground over the whole sweep, as a ring; for a whole turn a circle. */
export function sector(at: Point, { azimuth, fov, distance, sweep }: Looks): Point[] {
  const start = (sweep === null ? azimuth : sweep.pan_from) - fov / 2;
  const width = Math.min(TURN, fov + (sweep?.pan_width ?? 0));
  const steps = Math.max(1, Math.ceil(width / STEP));
  const arc = Array.from({ length: steps + 1 }, (_, n): Point => {
    const angle = ((start + (width * n) / steps) * Math.PI) / 180;
    return moved(at, distance * Math.sin(angle), distance * Math.cos(angle));
  });
  return width >= TURN ? arc : [at, ...arc, at];
}

type Box = [west: number, south: number, east: number, north: number];

/** The box around boxes; null without any. */
export const aroundAll = (boxes: readonly (readonly [number, number, number, number])[]): Box | null =>
  boxOf(boxes.flatMap(([west, south, east, north]): Point[] => [[west, south], [east, north]]));

/** The box around points, in degrees; null without any. */
export function boxOf(points: readonly Point[]): Box | null {
  if (points.length === 0) return null;
  const [x, y] = [points.map(([longitude]) => longitude), points.map(([, latitude]) => latitude)];
  return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
}
