/** From what is drawn on a tile to pixels of the picture, which stands in the tile with bars beside or above it. */

import type { Rectangle } from "../../../api/manoeuvres";

export interface Size {
  width: number;
  height: number;
}
export interface Spot {
  x: number;
  y: number;
}

const LEAST = 8; // pixels of the screen, either way: less is a click, and nobody drew anything

/** Where in its box a picture stands that keeps its shape. */
export function placed(picture: Size, box: Size): Spot & { scale: number } {
  const scale = Math.min(box.width / picture.width, box.height / picture.height);
  return { scale, x: (box.width - picture.width * scale) / 2, y: (box.height - picture.height * scale) / 2 };
}

/** What lies between two spots of the box; null: too little, or beside the picture. */
export function rectangleOf(picture: Size, box: Size, from: Spot, to: Spot): Rectangle | null {
  const { scale, x, y } = placed(picture, box);
  const across = (at: number): number => Math.min(picture.width, Math.max(0, (at - x) / scale));
  const down = (at: number): number => Math.min(picture.height, Math.max(0, (at - y) / scale));
  const [left = 0, right = 0] = [across(from.x), across(to.x)].sort((a, b) => a - b);
  const [top = 0, bottom = 0] = [down(from.y), down(to.y)].sort((a, b) => a - b);
  if ((right - left) * scale < LEAST || (bottom - top) * scale < LEAST) return null;
  return { picture_width: picture.width, picture_height: picture.height, x: (left + right) / 2, y: (top + bottom) / 2, width: Math.max(1, right - left), height: Math.max(1, bottom - top) };
}

/** The size of the picture that is shown in a tile; null: none is. */
export function pictureIn(tile: Element | null): Size | null {
  for (const shown of tile?.querySelectorAll(".picture") ?? []) {
    const size = shown instanceof HTMLVideoElement ? { width: shown.videoWidth, height: shown.videoHeight } : shown instanceof HTMLImageElement ? { width: shown.naturalWidth, height: shown.naturalHeight } : null;
    if (size !== null && size.width > 0 && size.height > 0) return size;
  }
  return null;
}
