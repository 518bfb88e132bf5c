import { theme as antd, type ThemeConfig } from "antd";

import type { ThemeName } from "../shared/Preferences";

const FONT =
  '"Inter", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", system-ui, sans-serif';

/** Whoever asked their system for less motion gets none: Ant Design's own does not follow the style sheet. */
const calm = typeof matchMedia === "function" && matchMedia("(prefers-reduced-motion: reduce)").matches;

const shared = {
  motion: !calm,
  fontFamily: FONT,
  fontSize: 14,
  borderRadius: 6,
  motionDurationMid: "0.12s",
  motionDurationSlow: "0.16s",
};

/** Secondary texts are raised above Ant Design's own, which miss 4.5:1 on these grounds. */
export const themes: Record<ThemeName, ThemeConfig> = {
  dark: {
    algorithm: antd.darkAlgorithm,
    token: {
      ...shared,
      colorBgBase: "#0b0f14",
      colorBgLayout: "#0b0f14",
      colorBgContainer: "#131922",
      colorBgElevated: "#1a222d",
      colorBorder: "#3a4655",
      colorBorderSecondary: "#263140",
      colorPrimary: "#3f8cff",
      colorLink: "#7ab8ff",
      colorText: "#e6edf3",
      colorTextSecondary: "#b3bfcc",
      colorTextTertiary: "#9aa8b7",
      colorTextQuaternary: "#8494a5",
      colorTextPlaceholder: "#8e9cab",
      colorTextDescription: "#a9b6c4",
    },
    components: {
      Button: {
        primaryColor: "#ffffff",
        colorPrimary: "#1d6ae5",
        colorPrimaryHover: "#2470e8",
        defaultHoverColor: "#7ab8ff", // not that of a full button: blue on this ground needs more light
        colorError: "#ff8a80",
        colorErrorHover: "#ffa79f",
        dangerColor: "#1a0b0b", // on a full button of that colour
      },
    },
  },
  light: {
    algorithm: antd.defaultAlgorithm,
    token: {
      ...shared,
      colorBgLayout: "#f3f5f8",
      colorPrimary: "#0b57d0",
      colorError: "#b3261e", // Ant Design's own has 3.3:1 on white
      colorLink: "#0b57d0",
      colorText: "#18212b",
      colorTextSecondary: "#44515f",
      colorTextTertiary: "#566474",
      colorTextQuaternary: "#5f6d7c",
      colorTextPlaceholder: "#647282",
      colorTextDescription: "#566474",
      colorBorder: "#b6c0cb",
    },
    components: { Button: { colorPrimaryHover: "#1f6bd9" } },
  },
};
