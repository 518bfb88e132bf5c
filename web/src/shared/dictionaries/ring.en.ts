import type { RingDictionary } from "./ring.zh-CN";

export const ringEn: RingDictionary = {
  ring: {
    draw: "Draw on the map",
    drawAnew: "Draw anew",
    clear: "Clear",
    drawing: "Click corner after corner, double-click to end (Esc gives up)",
    none: "No area yet: draw it on the map, or type the longitude and latitude of its corners.",
    corners: "{{n}} corners; drag them to change it",
    map: "{{label}}: map; arrow keys move it, + and − zoom; the corners can be typed below",
    asNumbers: "Corners as numbers (WGS-84)",
    longitude: "Corner {{n}}, longitude",
    latitude: "Corner {{n}}, latitude",
    add: "Add a corner",
    remove: "Remove corner {{n}}",
    closer: "Closer",
    further: "Further away",
    shown: "Area with {{n}} corners",
  },
};
