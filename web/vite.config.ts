import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// While developing, the API is a running `bingjian serve`; the page itself comes from Vite.
const api = process.env["BINGJIAN_API"] ?? "http://127.0.0.1:8800";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../bingjian/_web",
    emptyOutDir: true,
    manifest: true,
    assetsInlineLimit: 0, // the content security policy allows no data: scripts
    modulePreload: { polyfill: false },
    target: "es2022",
    chunkSizeWarningLimit: 1200,
    // What the first page needs comes in one piece: dozens of small ones would each be compressed for themselves.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "start", tags: ["$initial"] }] } } },
  },
  worker: { format: "es" },
  server: { host: "127.0.0.1", proxy: { "/api": { target: api, changeOrigin: true } } },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test-setup.ts"],
    testTimeout: 60_000,
  },
});
