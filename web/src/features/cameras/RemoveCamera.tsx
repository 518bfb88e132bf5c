import { useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import { api, ok, type Camera } from "../../api/client";
import { EndDialog, type Recorded } from "../../shared/ending/Ending";

/** A camera's stream is removed, for a reason: its recording ends. */
export default function RemoveCamera({ camera, close }: { camera: Camera; close: () => void }): JSX.Element {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const remove = async (reason: string): Promise<void> => {
    await ok(api.DELETE("/api/v1/cameras/{camera}", { params: { path: { camera: camera.id }, query: { reason } } }));
    void message.success(t("cameras.removed", { name: camera.name }));
    close();
    await client.invalidateQueries({ queryKey: ["cameras"] });
  };
  return (
    <EndDialog
      title={t("cameras.confirmRemove", { name: camera.name })}
      act={t("cameras.remove")}
      hint={t("cameras.confirmRemoveHint")}
      recorded={endedOf(camera)}
      run={remove}
      close={close}
    />
  );
}

/** Undefined where no media worker has it: it may be away, or the camera stopped. */
function endedOf({ id, name, state }: Camera): Recorded | undefined {
  return state === null ? undefined : { items: [{ id, name }], count: 1 };
}
