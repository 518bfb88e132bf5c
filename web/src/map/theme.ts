/** The colours of the page, for what is drawn on a canvas: read when it is drawn, so that they follow the theme. */

import { Circle, Fill, RegularShape, Stroke, Style, Text } from "ol/style";
import type ImageStyle from "ol/style/Image";

import { symbolOf, type Symbol } from "./symbols";

export const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || "#888888";

export const alpha = (name: string, part: number): string => `${colour(name)}${Math.round(part * 255).toString(16).padStart(2, "0")}`;

export function outlineStyle(name: string): Style {
  return new Style({
    stroke: new Stroke({ color: colour("line-strong"), width: 1.2 }),
    fill: new Fill({ color: colour("panel") }),
    text: new Text({ text: name, font: "12px sans-serif", fill: new Fill({ color: colour("text-2") }), stroke: new Stroke({ color: colour("panel"), width: 3 }), overflow: false }),
  });
}

function imageOf({ shape, filled, tone }: Symbol): ImageStyle {
  const paint = colour(tone);
  const fill = new Fill({ color: filled ? paint : colour("panel") });
  const stroke = new Stroke({ color: filled ? colour("panel") : paint, width: filled ? 1 : 2 });
  switch (shape) {
    case "circle":
      return new Circle({ radius: 6.5, fill, stroke });
    case "square":
      return new RegularShape({ points: 4, radius: 8, angle: Math.PI / 4, fill, stroke });
    case "diamond":
      return new RegularShape({ points: 4, radius: 8, fill, stroke });
    case "triangle":
      return new RegularShape({ points: 3, radius: 8, fill, stroke });
    case "cross":
      return new RegularShape({ points: 4, radius: 8, radius2: 2.5, angle: Math.PI / 4, fill, stroke });
  }
}

/** One style a state: thousands of points share them. */
export function pointStyles(): (state: string) => Style {
  const made = new Map<string, Style>();
  return (state) => {
    const style = made.get(state) ?? new Style({ image: imageOf(symbolOf(state)) });
    made.set(state, style);
    return style;
  };
}

const RADIUS = [14, 34] as const; // pixels, of a cluster of two and of the largest

export function clusterStyle(count: number): Style {
  const radius = Math.min(RADIUS[1], RADIUS[0] + Math.log10(count) * 5);
  return new Style({
    image: new Circle({ radius, fill: new Fill({ color: colour("raised") }), stroke: new Stroke({ color: colour("accent"), width: 2.5 }) }),
    text: new Text({ text: shortCount(count), font: "600 12px sans-serif", fill: new Fill({ color: colour("text") }) }),
  });
}

export const shortCount = (n: number): string => (n < 10_000 ? String(n) : `${Math.round(n / 1000)}k`);

export const areaStyle = (): Style => new Style({ fill: new Fill({ color: alpha("accent", 0.22) }), stroke: new Stroke({ color: colour("accent"), width: 1.5 }) });
export const sweepStyle = (): Style => new Style({ fill: new Fill({ color: alpha("accent", 0.08) }), stroke: new Stroke({ color: colour("accent"), width: 1.2, lineDash: [2, 4] }) });
export const maskStyle = (): Style => new Style({ fill: new Fill({ color: alpha("bad", 0.18) }), stroke: new Stroke({ color: colour("bad"), width: 1.5, lineDash: [5, 4] }) });
/** Between two readings of one position. */
export const linkStyle = (): Style => new Style({ stroke: new Stroke({ color: colour("text-2"), width: 1, lineDash: [3, 3] }) });

/** A corner that can be moved, with its number. */
export const cornerStyle = (n: number): Style =>
  new Style({
    image: new Circle({ radius: 5, fill: new Fill({ color: colour("panel") }), stroke: new Stroke({ color: colour("accent"), width: 2 }) }),
    text: new Text({ text: String(n), font: "600 12px sans-serif", offsetY: -13, fill: new Fill({ color: colour("text") }), stroke: new Stroke({ color: colour("panel"), width: 3 }) }),
  });

export const spotStyle = (filled: boolean): Style =>
  new Style({ image: imageOf({ shape: filled ? "circle" : "diamond", filled, tone: filled ? "busy" : "warn" }) });
