import { DeleteOutlined, DownOutlined, StarOutlined, TeamOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Input, Popover } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { forgetView, keepView, useSavedViews, type SavedView } from "../../api/camera-files";
import { useProblemText } from "../../shared/States";
import { readFilter, writeFilter } from "../../shared/inventory/filters";
import type { FilterState } from "../../shared/inventory/useFilter";

/** Filters kept under a name, one's own and shared ones. */
export function SavedViews({ state }: { state: FilterState }): JSX.Element {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <Popover trigger="click" placement="bottomLeft" open={open} onOpenChange={setOpen} content={<Views state={state} close={() => setOpen(false)} />}>
      <Button icon={<StarOutlined />} aria-expanded={open}>
        {t("files.views")} <DownOutlined />
      </Button>
    </Popover>
  );
}

function Views({ state, close }: { state: FilterState; close: () => void }): JSX.Element {
  const { t } = useTranslation();
  const views = useSavedViews();
  const items = views.data ?? [];
  return (
    <div className="saved-views">
      {views.isSuccess && items.length === 0 && <p className="fine">{t("files.noViews")}</p>}
      <ul>
        {items.map((view) => (
          <ViewRow
            key={view.id}
            view={view}
            use={() => {
              state.become(queryOf(view));
              close();
            }}
          />
        ))}
      </ul>
      <Keep state={state} />
    </div>
  );
}

/** A view as the address has it; what the list does not know is left out. */
function queryOf({ query }: SavedView): URLSearchParams {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) for (const one of [value].flat()) given.append(name, String(one));
  const known = writeFilter(readFilter(given));
  for (const name of ["sort", "descending"]) if (given.has(name)) known.set(name, given.get(name) ?? "");
  return known;
}

function ViewRow({ view, use }: { view: SavedView; use: () => void }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  return (
    <li>
      <Button type="text" onClick={use}>
        {view.name} {view.is_shared && <TeamOutlined title={t("files.shared")} />}
      </Button>
      {view.is_own && (
        <Button
          type="text"
          danger
          icon={<DeleteOutlined />}
          aria-label={t("files.forgetView", { name: view.name })}
          onClick={() => void forgetView(view.id).finally(() => client.invalidateQueries({ queryKey: ["saved-views"] }))}
        />
      )}
    </li>
  );
}

function Keep({ state }: { state: FilterState }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const explain = useProblemText();
  const [name, setName] = useState("");
  const [isShared, setShared] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const keep = async (): Promise<void> => {
    try {
      await keepView(name.trim(), { ...state.filter, sort: state.sort, descending: state.descending }, isShared);
      setName("");
      setFault(null);
      await client.invalidateQueries({ queryKey: ["saved-views"] });
    } catch (error) {
      setFault(error);
    }
  };
  return (
    <form
      className="keep-view"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== "") void keep();
      }}
    >
      <Input aria-label={t("files.viewName")} placeholder={t("files.viewName")} maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      <Checkbox checked={isShared} onChange={(event) => setShared(event.target.checked)}>
        {t("files.share")}
      </Checkbox>
      <Button htmlType="submit" disabled={name.trim() === ""}>
        {t("files.keepView")}
      </Button>
      {fault !== null && <p className="form-fault">{explain(fault).title}</p>}
    </form>
  );
}
