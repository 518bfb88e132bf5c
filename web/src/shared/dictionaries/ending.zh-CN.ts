export const endingZhCN = {
  ending: {
    cameras: "将停止录像的摄像机：{{n}} 台",
    more: "另有 {{n}} 台",
    kept: "已有录像保留。",
    reason: "理由",
    cancel: "取消",
  },
};

export type EndingDictionary = typeof endingZhCN;
