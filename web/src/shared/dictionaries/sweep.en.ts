import type { SweepDictionary } from "./sweep.zh-CN";

export const sweepEn: SweepDictionary = {
  sweep: {
    title: "Sweep of a camera that turns",
    change: "Change: sweep",
    hint: "Turning, presets, cruises and scans are judged by it; where it meets a closed part it is refused as a registration is. Degrees clockwise from north; the same from and to is a whole turn.",
    none: "None registered: it may not be turned freely",
    whole: "A whole turn",
    fromTo: "From {{from}}° clockwise to {{to}}°",
    pan: "Pan",
    tilt: "Tilt",
    tilts: "{{least}} to {{most}} (degrees, down is negative)",
    zoom: "Closest zoom, times",
    zero: "Where it looks when it reports pan 0 (degrees)",
    unbounded: "as far as it can",
    noZero: "Not registered: what it reports is not compared",
    turns: "It turns inside this sweep",
    pan_from: "Pan from (degrees)",
    pan_to: "Pan to, clockwise (degrees)",
    tilt_least: "Lowest tilt (degrees, down is negative; empty: as far as it can)",
    tilt_most: "Highest tilt (degrees; empty: as far as it can)",
    zoom_most: "Closest zoom, times (empty: as far as it can)",
    pan_zero: "Where it looks when it reports pan 0 (degrees; empty: not compared)",
  },
};
