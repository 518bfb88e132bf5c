export const ringZhCN = {
  ring: {
    draw: "在地图上画",
    drawAnew: "重新画",
    clear: "清除",
    drawing: "依次点击各个角，双击结束（Esc 放弃）",
    none: "还没有范围：在地图上画，或输入各角的经纬度。",
    corners: "{{n}} 个角；可以拖动角点修改",
    map: "{{label}}：地图，方向键移动，+ 和 − 缩放；下面可输入各角坐标",
    asNumbers: "各角坐标（WGS-84）",
    longitude: "第 {{n}} 角 经度",
    latitude: "第 {{n}} 角 纬度",
    add: "增加一个角",
    remove: "删除第 {{n}} 角",
    closer: "放大",
    further: "缩小",
    shown: "{{n}} 个角的范围",
  },
};
export type RingDictionary = typeof ringZhCN;
