export const journalZhCN = {
  journal: {
    title: "日志簿",
    checkpoint: "签名检查点",
    origin: "日志名称",
    size: "已签名记录数",
    signedAt: "签名时间",
    root: "根哈希",
    key: "公钥",
    keyHint: "请另行保存：任何人都能用它核验检查点和证明。",
    none: "还没有记录",
    noneHint: "每次观看、拒绝和变更都会先记在这里。",
    proof: "证明",
    proofOf: "下载第 {{sequence}} 条记录的证明",
    proofHint: "含记录内容；用 bingjian journal check 和公钥即可核验，无需平台。",
    columns: { sequence: "序号", at: "时间", kind: "类别", entry: "内容", proof: "证明" },
  },
};

export type JournalDictionary = typeof journalZhCN;
