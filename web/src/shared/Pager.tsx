/** Pages of a list behind a cursor; the cursor stands in the address, the way back is remembered. */

import { Button } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

export interface Pages {
  cursor: string | null;
  page: number;
  next: (to: string) => void;
  previous: () => void;
}

export function usePages(): Pages {
  const [query, setQuery] = useSearchParams();
  const [before, setBefore] = useState<(string | null)[]>([]);
  const cursor = query.get("cursor");
  const turn = (to: string | null): void =>
    setQuery((old) => {
      const next = new URLSearchParams(old);
      if (to === null) next.delete("cursor");
      else next.set("cursor", to);
      return next;
    });
  return {
    cursor,
    page: cursor === null ? 1 : before.length + 1, // the first page is the first, however one came back to it
    next: (to) => {
      setBefore((old) => (cursor === null ? [null] : [...old, cursor]));
      turn(to);
    },
    previous: () => {
      turn(before[before.length - 1] ?? null);
      setBefore((old) => old.slice(0, -1));
    },
  };
}

export function Pager({ pages, next }: { pages: Pages; next: string | null }): JSX.Element | null {
  const { t } = useTranslation();
  if (pages.cursor === null && next === null) return null;
  const place = t("cameras.pageOf", { page: pages.page });
  return (
    <nav className="pager" aria-label={place}>
      <Button disabled={pages.cursor === null} onClick={pages.previous}>
        {t("cameras.previous")}
      </Button>
      <span className="digits">{place}</span>
      <Button disabled={next === null} onClick={() => next !== null && pages.next(next)}>
        {t("cameras.next")}
      </Button>
    </nav>
  );
}
