import { Alert, Button, Drawer } from "antd";
import { useEffect, useId, useMemo, useRef, useState, type JSX, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Problem } from "../../api/client";
import { clearDraft, readDraft, writeDraft } from "./draft";
import { cleanedGroup, faultsOf, fieldOf, initialOf, pathsOf, placeOf, valueAt, type Fault, type Group, type Schema } from "./schema";
import { FormProvider, GroupFields, idOf } from "./SchemaForm";
import { Refusals } from "../office/Refusals";
import { useProblemText } from "../States";

interface Props {
  title: string;
  submit: string;
  schema: Schema;
  /** Under which name what is typed is kept until it is sent. */
  draft: string;
  close: () => void;
  /** Throws Problem. */
  send: (wish: Group) => Promise<void>;
  /** What fields begin with; those it does not name begin empty. */
  initial?: Group;
  /** Stands above the fields. */
  before?: ReactNode;
  /** What is shown when somebody else was faster; it offers to go on. */
  whenStale?: (goOn: () => void) => ReactNode;
}

const KNOWN_CODES = ["refers_to_nothing"] as const;

/** A form in a drawer: what is typed stays, whatever the answer. */
export default function FormDrawer({ title, submit, schema, draft, close, send, initial, before, whenStale }: Props): JSX.Element {
  const { t } = useTranslation();
  const prefix = useId();
  const field = useMemo(() => ({ ...fieldOf(schema, schema), properties: schema.properties ?? {} }), [schema]);
  const [kept, setKept] = useState(() => readDraft(draft));
  const begin = (): Group => ({ ...(initialOf(field, schema) as Group), ...initial });
  const [value, setValue] = useState<Group>(() => kept ?? begin());
  const [faults, setFaults] = useState<ReadonlyMap<string, string>>(new Map());
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const wordOf = useFaultText();
  useFirstFocus(form);

  const change = (to: Group): void => {
    const wrong = faultsOf(field, to, schema);
    // A fault goes as soon as its field is mended; what the server said of a field goes when the field changes.
    setFaults((old) => new Map([...old].filter(([path]) => wrong.has(path) || valueAt(to, path) === valueAt(value, path))));
    setValue(to);
    writeDraft(draft, to);
  };
  const goOn = (): void => {
    setError(null);
    focusFirst(form.current);
  };
  const startAfresh = (): void => {
    clearDraft(draft);
    setKept(null);
    setValue(begin());
  };
  const showFaults = (found: ReadonlyMap<string, string>): void => {
    setFaults(found);
    const first = [...found.keys()].find((path) => path !== "");
    if (first !== undefined) document.getElementById(idOf(prefix, first))?.focus();
  };
  const run = async (): Promise<void> => {
    const wrong = new Map([...faultsOf(field, value, schema)].map(([path, fault]) => [path, wordOf(fault)]));
    if (wrong.size > 0) return showFaults(wrong);
    setBusy(true);
    setError(null);
    setFaults(new Map());
    try {
      await send(cleanedGroup(field, value, schema));
      clearDraft(draft);
    } catch (why) {
      setError(why);
      if (why instanceof Problem && why.status === 422) showFaults(serverFaults(why, pathsOf(field, value, schema), t("form.refersToNothing")));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Drawer
      open
      size={600}
      title={title}
      onClose={close}
      footer={
        <div className="drawer-foot form-foot">
          <span />
          <Button onClick={close}>{t("cameras.cancel")}</Button>
          <Button type="primary" loading={busy} onClick={() => void run()}>
            {submit}
          </Button>
        </div>
      }
    >
      <form
        ref={form}
        className="schema-form"
        noValidate
        aria-label={title}
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        {error !== null && <Said error={error} stale={whenStale?.(goOn)} />}
        {error === null && before}
        {kept !== null && (
          <p className="fine form-kept">
            {t("form.draftKept")}{" "}
            <Button type="link" size="small" onClick={startAfresh}>
              {t("form.startAfresh")}
            </Button>
          </p>
        )}
        <FormProvider value={{ root: schema, faults, prefix }}>
          <GroupFields path="" field={field} value={value} onChange={change} />
        </FormProvider>
        <button type="submit" hidden />
      </form>
    </Drawer>
  );
}

/** The keyboard begins in the first field, else at the drawer's own buttons. */
function useFirstFocus(form: React.RefObject<HTMLFormElement | null>): void {
  useEffect(() => {
    const timer = window.setTimeout(() => focusFirst(form.current), 60);
    return () => window.clearTimeout(timer); // the drawer takes the focus to itself as it opens
  }, [form]);
}

const focusFirst = (form: HTMLElement | null): void => form?.querySelector<HTMLElement>("input:not([type=file]), textarea, [role=combobox]")?.focus();

function useFaultText(): (fault: Fault) => string {
  const { t } = useTranslation();
  return ({ key, n }) => t(`form.faults.${key}`, n === undefined ? {} : { n });
}

/** What the server said of single fields, at those fields; what it says of none stands above. */
function serverFaults({ code, fields }: Problem, known: readonly string[], nothing: string): ReadonlyMap<string, string> {
  const isKnown = KNOWN_CODES.some((one) => one === code);
  return new Map(fields.map(({ field, detail }) => [placeOf(field, known), isKnown ? nothing : detail]));
}

/** The answer that was no success, in its place: nothing typed is lost. */
function Said({ error, stale }: { error: unknown; stale: ReactNode }): JSX.Element {
  const { t } = useTranslation();
  const explain = useProblemText();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.scrollIntoView({ block: "nearest" }); // whatever it gives back is no clean-up
  }, [error]);
  const { title, hint } = explain(error);
  if (error instanceof Problem && error.code === "stale" && stale !== undefined) return <div ref={box}>{stale}</div>;
  if (error instanceof Problem && error.status === 422) {
    return (
      <div ref={box}>
        <Alert type="error" showIcon title={t("form.notAccepted")} description={t("form.notAcceptedHint")} className="form-error" />
      </div>
    );
  }
  const refusals = error instanceof Problem ? refusalsOf(error) : [];
  if (refusals.length > 0) {
    return (
      <div ref={box} className="refused" role="alert">
        <h3>{t("form.refused", { n: refusals.length })}</h3>
        <Refusals refusals={refusals} said />
      </div>
    );
  }
  return (
    <div ref={box}>
      <Alert type="error" showIcon title={title} description={hint} className="form-error" />
    </div>
  );
}

const NO_ROLE = "R27.1"; // said in our own words elsewhere

function refusalsOf({ refusals, article, code, message, remedy, status }: Problem): Problem["refusals"] {
  if (refusals.length > 0) return refusals;
  if (status !== 403 || article === null || code === null || code === NO_ROLE) return [];
  return [{ article, code, reason: message, remedy: remedy ?? "" }];
}
