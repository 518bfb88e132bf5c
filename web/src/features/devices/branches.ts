import type { TreeNode } from "../../api/gb-devices";

export interface Branch {
  key: string;
  title: string;
  children: Branch[];
}

/** Nodes as a tree. Devices name parents that go round in a circle: each node stands once, and none is lost. */
export function branches(nodes: readonly TreeNode[], title: (node: TreeNode) => string): Branch[] {
  const made = new Map<string, Branch>(nodes.map((node) => [node.code, { key: node.code, title: title(node), children: [] }]));
  const parents = new Map(nodes.map(({ code, parent }) => [code, parent]));
  const tops: Branch[] = [];
  for (const { code, parent } of nodes) {
    const branch = made.get(code);
    if (branch === undefined) continue;
    const above = parent === "" || isRound(code, parents) ? undefined : made.get(parent);
    (above === undefined || above === branch ? tops : above.children).push(branch);
  }
  return tops;
}

function isRound(code: string, parents: ReadonlyMap<string, string>): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = code; at !== undefined && at !== ""; at = parents.get(at)) {
    if (seen.has(at)) return true;
    seen.add(at);
  }
  return false;
}
