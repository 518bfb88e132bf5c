import { Select } from "antd";
import { useDeferredValue, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { useChannels } from "../../api/gb-devices";
import { useProblemText } from "../../shared/States";

const CODE = /^\d{20}$/;

/** A channel of a device by name or id, or one by its whole id that no catalogue names; empty: the device itself. */
export function ChannelSelect({ device, choose }: { device: string; choose: (channel: string) => void }): JSX.Element {
  const { t } = useTranslation();
  const explain = useProblemText();
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState<{ value: string; label: string } | null>(null);
  const q = useDeferredValue(typed.trim());
  const channels = useChannels(device, { q, node: null, matched: null });
  const found = channels.data?.pages[0]?.items.map(({ channel, name }) => ({ value: channel, label: `${name} ${channel}` })) ?? [];
  const options = found.length === 0 && CODE.test(q) ? [{ value: q, label: q }] : found;
  const empty = channels.isError ? explain(channels.error).title : t(channels.isFetching ? "problem.loading" : "gb.channels.none");
  return (
    <Select
      labelInValue
      allowClear
      showSearch={{ filterOption: false, onSearch: setTyped, searchValue: typed }}
      aria-label={t("gb.upkeep.channel")}
      placeholder={t("gb.upkeep.whole")}
      options={options}
      notFoundContent={<span className="fine">{empty}</span>}
      value={chosen}
      onChange={(to: { value: string; label: string } | null | undefined) => {
        setTyped("");
        setChosen(to ?? null);
        choose(to?.value ?? "");
      }}
    />
  );
}
