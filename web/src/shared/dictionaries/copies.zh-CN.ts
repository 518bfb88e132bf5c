import type { Same } from "./zh-CN";

export const copiesZhCN = {
  copies: {
    title: "取走副本",
    notAllowed: "您的角色不能取走录像副本。副本只由“资料管理员”取走；请向账户管理员申请该角色，或请资料管理员代取。",
    start: "开始（+08:00）",
    end: "结束（+08:00）",
    utc: "UTC {{time}}",
    timeBad: "请按 2026-11-26 14:00:05 的样子填写",
    length: "时长 {{duration}}。文件从时段内第一个关键帧算起，不改动任何一帧。",
    form: "文件形式",
    forms: {
      download: { name: "普通 MP4", text: "任何播放器都能打开，从零计时；缺录处停在最后一帧。最长 6 小时。" },
      fragmented: { name: "原样分段 MP4", text: "与存储的分段完全相同，保留绝对时间，供核对和再处理。最长 24 小时。" },
    },
    faults: {
      order: "结束须晚于开始。",
      future: "结束时间还没到：没录下的不能取走。",
      long: "超过此形式的最长时长：请缩短时段，或分几次取走；原样分段最长 24 小时。",
    },
    grant: "依据授权",
    noGrant: "没有仍然有效、包含此摄像机的第二十二条授权，不能复制：须由两名人员提出申请。",
    toRequests: "前往申请",
    journalled: "谁在何时为何取走，先记入日志，再给出文件。",
    ask: "生成副本",
    whole: "此时段录像完整。",
    missing: "此时段缺 {{n}} 处，共 {{duration}}",
    more: "另有 {{n}} 处，见时间轴",
    undecided: "最后 {{duration}} 还在写入，可能不在文件中。",
    files: "共 {{n}} 个文件",
    several: "摄像机的编码配置改变过（或时钟倒退过），所以分成几个文件。",
    size: "{{duration}}，{{bytes}}",
    clock: "摄像机时钟偏差 {{seconds}} 秒",
    download: "下载",
    downloadOf: "下载 {{name}}",
    problems: {
      nothing_recorded: "此时段没有录像，没有可取走的文件。",
      unreadable: "此时段的录像无法读取。请查看“存储”页的核查发现。",
      too_many_files: "此时段内配置改变过多，无法一次取走。请缩短时段。",
      ticket_lapsed: "取走许可已失效。请重新生成。",
    },
  },
};

export type CopiesDictionary = Same<typeof copiesZhCN>;
