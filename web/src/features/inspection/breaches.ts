import type { Breach } from "../../api/inspection";

/** As the report orders them, those of one article together. */
export function byArticle(breaches: readonly Breach[]): [article: string, breaches: Breach[]][] {
  const found = new Map<string, Breach[]>();
  for (const breach of breaches) found.set(breach.article, [...(found.get(breach.article) ?? []), breach]);
  return [...found];
}
