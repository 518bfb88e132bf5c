/** Keeps a new document from within a form, and chooses it. */

import { UploadOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Input, Select } from "antd";
import { useId, useRef, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { keepDocument } from "../../api/references";
import { useRegulation } from "../../api/regulation";
import { useProblemText } from "../States";
import { useSaid } from "../tongue";

const PLAIN = "none"; // no secret in it
const KINDS = ["other", "design", "construction", "acceptance", "maintenance"] as const;

export default function Upload({ onKept }: { onKept: (id: string) => void }): JSX.Element {
  const { t } = useTranslation();
  const [file, setFile] = useState<File | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setFile(null);
    if (input.current !== null) input.current.value = "";
    button.current?.focus();
  };
  return (
    <>
      <input ref={input} type="file" hidden data-testid="upload" onChange={(event) => setFile(event.target.files?.[0] ?? null)} />
      <Button ref={button} icon={<UploadOutlined />} onClick={() => input.current?.click()}>
        {t("form.upload")}
      </Button>
      {file !== null && (
        <About
          key={`${file.name} ${file.lastModified}`}
          file={file}
          cancel={close}
          kept={(id) => {
            close();
            onKept(id);
          }}
        />
      )}
    </>
  );
}

function About({ file, cancel, kept }: { file: File; cancel: () => void; kept: (id: string) => void }): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const client = useQueryClient();
  const explain = useProblemText();
  const id = useId();
  const secrecies = useRegulation().data?.editions.flatMap(({ articles }) => articles).flatMap(({ codes }) => codes) ?? [];
  const [title, setTitle] = useState(file.name.replace(/\.[^.]*$/, ""));
  const [kind, setKind] = useState<string>(KINDS[0]);
  const [secrecy, setSecrecy] = useState(PLAIN);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const keep = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const document = await keepDocument({ kind, title: title.trim(), secrecy }, file);
      await client.invalidateQueries({ queryKey: ["references", "document"] });
      kept(document);
    } catch (why) {
      setError(why);
      setBusy(false);
    }
  };

  const { title: problem, hint } = explain(error);
  const levels = secrecies.filter(({ of }) => of === "secrecy").map(({ code, words }) => ({ value: code, label: said(words) }));
  return (
    <div className="form-upload" role="group" aria-label={t("form.upload")}>
      <p className="fine">{file.name}</p>
      {error !== null && <Alert type="error" showIcon title={problem} description={hint} />}
      <label className="form-label" htmlFor={`${id}-title`}>
        {t("form.documentTitle")}
      </label>
      <Input id={`${id}-title`} autoFocus maxLength={200} value={title} onChange={(event) => setTitle(event.target.value)} />
      <div className="pair">
        <div>
          <label className="form-label" htmlFor={`${id}-kind`}>
            {t("form.documentKind")}
          </label>
          <Select id={`${id}-kind`} value={kind} onChange={setKind} options={KINDS.map((value) => ({ value, label: t(`form.documentKinds.${value}`) }))} />
        </div>
        <div>
          <label className="form-label" htmlFor={`${id}-secrecy`}>
            {t("form.secrecy")}
          </label>
          <Select id={`${id}-secrecy`} value={secrecy} onChange={setSecrecy} options={levels.length > 0 ? levels : [{ value: PLAIN, label: t("form.noSecret") }]} />
        </div>
      </div>
      <div className="form-buttons">
        <Button type="primary" loading={busy} disabled={title.trim() === ""} onClick={() => void keep()}>
          {t("form.keep")}
        </Button>
        <Button onClick={cancel}>{t("cameras.cancel")}</Button>
      </div>
    </div>
  );
}
