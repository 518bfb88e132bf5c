import { Button } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import type { OpenSession } from "../../api/people";
import { Moment } from "../Interval";
import { civilText } from "../time";

/** Where a person is signed in, with a way to end each. */
export function SessionList({ sessions, end }: { sessions: readonly OpenSession[]; end: (session: OpenSession) => void }): JSX.Element {
  const { t } = useTranslation();
  const word = (name: string): string => t(`access.sessionColumns.${name}`);
  if (sessions.length === 0) return <p className="fine">{t("access.noSessions")}</p>;
  return (
    <table className="plain-table" aria-label={t("access.sessions")}>
      <thead>
        <tr>
          {["device", "address", "opened", "seen", "action"].map((name) => (
            <th key={name} scope="col">
              {word(name)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sessions.map((one) => (
          <tr key={one.id} data-session={one.id}>
            <td>
              {t(`access.devices.${one.device}`)} {one.is_this === true && <b>({t("access.thisDevice")})</b>}
            </td>
            <td className="digits">{one.address}</td>
            <td>
              <Moment at={one.created_at} />
            </td>
            <td>
              <Moment at={one.seen_at} />
            </td>
            <td>
              {one.is_this !== true && (
                <Button size="small" aria-label={t("access.endOf", { device: t(`access.devices.${one.device}`), time: civilText(Date.parse(one.created_at)) })} onClick={() => end(one)}>
                  {t("access.end")}
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
