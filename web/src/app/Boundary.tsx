import { Component, type ErrorInfo, type ReactNode } from "react";
import { withTranslation, type WithTranslation } from "react-i18next";

type Props = WithTranslation & { children: ReactNode };

/** A fault of ours in one page says so and offers the way out, instead of a blank screen. */
class BoundaryBase extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error(error, info.componentStack);
  }

  override render(): ReactNode {
    const { t, children } = this.props;
    if (!this.state.failed) return children;
    return (
      <main className="state" role="alert">
        <h1>{t("problem.crashed")}</h1>
        <button type="button" className="plain" onClick={() => window.location.reload()}>
          {t("problem.reload")}
        </button>
      </main>
    );
  }
}

export const Boundary = withTranslation()(BoundaryBase);
