import { MinusOutlined, PlusOutlined } from "@ant-design/icons";
import { useRef, type JSX, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";

export interface Press {
  start: () => void;
  stop: () => void;
}

/** Goes on while it is held: by pointer, or by Enter and Space; stops however the hold ends. */
export function Held({ label, hint = label, disabled, start, stop, children }: Press & { label: string; hint?: string; disabled: boolean; children: ReactNode }): JSX.Element {
  const down = useRef(false);
  const begin = (): void => {
    if (down.current) return; // a key that repeats
    down.current = true;
    start();
  };
  const end = (): void => {
    if (!down.current) return;
    down.current = false;
    stop();
  };
  const isPress = ({ key }: KeyboardEvent): boolean => key === "Enter" || key === " ";
  return (
    <button
      type="button"
      className="ptz-key"
      aria-label={label}
      title={hint}
      disabled={disabled}
      onPointerDown={(event: PointerEvent<HTMLButtonElement>) => {
        event.currentTarget.setPointerCapture?.(event.pointerId);
        begin();
      }}
      onPointerUp={end}
      onPointerCancel={end}
      onLostPointerCapture={end}
      onBlur={end}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => isPress(event) && begin()}
      onKeyUp={(event) => isPress(event) && end()}
    >
      {children}
    </button>
  );
}

export function Pair(props: { word: string; less: string; more: string; disabled: boolean; minus: Press; plus: Press }): JSX.Element {
  const { word, less, more, disabled, minus, plus } = props;
  return (
    <div className="ptz-row">
      <span>{word}</span>
      <Held label={less} disabled={disabled} {...minus}>
        <MinusOutlined />
      </Held>
      <Held label={more} disabled={disabled} {...plus}>
        <PlusOutlined />
      </Held>
    </div>
  );
}
