import { CaretDownOutlined, CaretUpOutlined, SettingOutlined } from "@ant-design/icons";
import { Button, Checkbox, Popover } from "antd";
import type { JSX, KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { FileLine, FileSort } from "../../api/camera-files";
import type { Camera } from "../../api/client";
import { Cell, isNumber, SORTED, useColumnName, useColumns, type Column } from "./columns";
import type { FilterState } from "../../shared/inventory/useFilter";

interface Props {
  files: readonly FileLine[];
  cameras: ReadonlyMap<string, Camera>;
  stale: boolean;
  order: Pick<FilterState, "sort" | "descending" | "order">;
  ticked: ReadonlySet<string> | "all";
  tick: (ids: readonly string[], on: boolean) => void;
}

/** One page of camera files. ↑ ↓ go from row to row, the space bar ticks. */
export function FileTable({ files, cameras, stale, order, ticked, tick }: Props): JSX.Element {
  const { t } = useTranslation();
  const columns = useColumns();
  const nameOf = useColumnName();
  const isTicked = (id: string): boolean => ticked === "all" || ticked.has(id);
  const tickedHere = files.filter(({ id }) => isTicked(id)).length;
  return (
    <div className={stale ? "plain-table file-table stale" : "plain-table file-table"} role="region" aria-label={t("files.title")} tabIndex={0}>
      <table onKeyDown={(event) => byKey(event, tick)}>
        <thead>
          <tr>
            <th scope="col" className="file-tick">
              <Checkbox
                aria-label={t("files.tickPage")}
                checked={files.length > 0 && tickedHere === files.length}
                indeterminate={tickedHere > 0 && tickedHere < files.length}
                onChange={(event) => tick(files.map(({ id }) => id), event.target.checked)}
              />
            </th>
            <Head title={t("files.columns.name")} sort="name" order={order} />
            {columns.shown.map((column) => (
              <Head key={column} title={nameOf(column)} sort={SORTED[column]} order={order} isNumber={isNumber(column)} />
            ))}
            <th scope="col" className="file-columns">
              <Popover trigger="click" placement="bottomRight" content={<Chooser columns={columns} nameOf={nameOf} />}>
                <Button type="text" size="small" icon={<SettingOutlined />} aria-label={t("files.chooseColumns")} title={t("files.chooseColumns")} />
              </Popover>
            </th>
          </tr>
        </thead>
        <tbody>
          {files.map((file) => (
            <tr key={file.id} data-file={file.id} data-ticked={isTicked(file.id) || undefined}>
              <td className="file-tick">
                <Checkbox aria-label={t("files.tick", { name: file.name })} checked={isTicked(file.id)} onChange={(event) => tick([file.id], event.target.checked)} />
              </td>
              <th scope="row">
                <Link className="record-link" to={`/cameras/${file.id}`}>
                  {file.name}
                </Link>
              </th>
              {columns.shown.map((column) => (
                <td key={column} className={isNumber(column) ? "number" : undefined}>
                  <Cell column={column} shown={{ file, camera: cameras.get(file.id) }} />
                </td>
              ))}
              <td />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** From the link of one row to that of the next; the space bar on a link ticks its row. */
function byKey(event: KeyboardEvent<HTMLElement>, tick: Props["tick"]): void {
  const row = event.target instanceof Element ? event.target.closest<HTMLElement>("tr[data-file]") : null;
  if (row === null || event.target instanceof HTMLInputElement) return;
  const to = event.key === "ArrowDown" ? row.nextElementSibling : event.key === "ArrowUp" ? row.previousElementSibling : null;
  if (to !== null) to.querySelector<HTMLElement>("th a")?.focus();
  else if (event.key === " ") tick([row.dataset["file"] ?? ""], row.dataset["ticked"] === undefined);
  else return;
  event.preventDefault();
}

interface HeadProps {
  title: string;
  sort: FileSort | undefined;
  order: Props["order"];
  isNumber?: boolean;
}

function Head({ title, sort, order, isNumber: isNumeral = false }: HeadProps): JSX.Element {
  const isOrder = sort !== undefined && order.sort === sort;
  const direction = order.descending ? "descending" : "ascending";
  return (
    <th scope="col" className={isNumeral ? "number" : undefined} aria-sort={isOrder ? direction : undefined}>
      {sort === undefined ? (
        title
      ) : (
        <button type="button" className="plain sort" onClick={() => order.order(sort)}>
          {title} {isOrder && (order.descending ? <CaretDownOutlined /> : <CaretUpOutlined />)}
        </button>
      )}
    </th>
  );
}

function Chooser({ columns, nameOf }: { columns: ReturnType<typeof useColumns>; nameOf: (column: Column) => string }): JSX.Element {
  const { t } = useTranslation();
  return (
    <div className="column-chooser">
      <Checkbox.Group
        aria-label={t("files.chooseColumns")}
        value={[...columns.shown]}
        options={columns.all.map((column) => ({ value: column, label: nameOf(column) }))}
        onChange={(to) => columns.show(to as Column[])}
      />
      <Button size="small" onClick={columns.reset}>
        {t("files.resetColumns")}
      </Button>
    </div>
  );
}
