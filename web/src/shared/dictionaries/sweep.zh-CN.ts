export const sweepZhCN = {
  sweep: {
    title: "云台范围",
    change: "修改：云台范围",
    hint: "转动、预置位、巡航和扫描都以此为准；涉及禁止区域时将按登记被拒绝。朝向自正北顺时针计；起止相同为整圈。",
    none: "未登记：不得自由转动",
    whole: "整圈",
    fromTo: "{{from}}° 顺时针至 {{to}}°",
    pan: "水平",
    tilt: "俯仰",
    tilts: "{{least}} 至 {{most}}（度，向下为负）",
    zoom: "最大变倍",
    zero: "报告水平 0° 时的实际朝向（度）",
    unbounded: "不限",
    noZero: "未登记：不比对其报告的位置",
    turns: "在登记范围内转动",
    pan_from: "水平起（度）",
    pan_to: "水平止，顺时针（度）",
    tilt_least: "俯仰最低（度，向下为负；空：不限）",
    tilt_most: "俯仰最高（度；空：不限）",
    zoom_most: "最大变倍（空：不限）",
    pan_zero: "报告水平 0° 时的实际朝向（度；空：不比对）",
  },
};

export type SweepDictionary = typeof sweepZhCN;
