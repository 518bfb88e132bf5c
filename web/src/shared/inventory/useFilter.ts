import { useDeferredValue, useEffect, useState } from "react";
import { useSearchParams } from "react-router";

import type { FileFilter, FileSort } from "../../api/camera-files";
import { ALL, readFilter, readOrder } from "./filters";

export interface FilterState {
  filter: FileFilter;
  sort: FileSort;
  descending: boolean;
  typed: string;
  setTyped: (text: string) => void;
  choose: (name: string, values: readonly string[]) => void;
  order: (sort: FileSort) => void;
  /** All of it at once, such as a kept view. */
  become: (query: URLSearchParams) => void;
  clear: () => void;
}

/** The filter stands in the address, so that it can be passed on; what is typed follows a moment later. */
export function useFilter(): FilterState {
  const [query, setQuery] = useSearchParams();
  const [typed, setTyped] = useState(query.get("q") ?? "");
  const q = useDeferredValue(typed.trim());
  const change = (edit: (next: URLSearchParams) => void): void =>
    setQuery(
      (old) => {
        const next = new URLSearchParams(old);
        next.delete("cursor");
        edit(next);
        return next;
      },
      { replace: true },
    );
  const choose = (name: string, values: readonly string[]): void =>
    change((next) => {
      next.delete(name);
      values.filter((value) => value !== "").forEach((value) => next.append(name, value));
    });
  useEffect(() => {
    if ((query.get("q") ?? "") !== q) choose("q", [q]);
  }, [q]);
  const become = (to: URLSearchParams): void => {
    setTyped(to.get("q") ?? "");
    change((next) => {
      [...ALL, "sort", "descending"].forEach((name) => next.delete(name));
      for (const [name, value] of to) next.append(name, value);
    });
  };
  const { sort, descending } = readOrder(query);
  const order = (to: FileSort): void =>
    change((next) => {
      next.set("sort", to);
      next.set("descending", String(to === sort && !descending));
    });
  return { filter: readFilter(query), sort, descending, typed, setTyped, choose, order, become, clear: () => become(new URLSearchParams()) };
}
