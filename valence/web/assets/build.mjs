// Builds what the pages load into ../static/built: `npm run build`, or `npm run watch` while working on them.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "../../../node_modules");
const out = join(here, "../static/built");

const bootstrap = {
  name: "bootstrap",
  setup(build) {
    build.onLoad({ filter: /\.scss$/ }, ({ path }) => ({
      contents: sass.compile(path, { loadPaths: [modules], quietDeps: true, logger: sass.Logger.silent }).css,
      loader: "css",
    }));
  },
};

const options = {
  entryPoints: ["app.js", "app.css", "theme.js", "survey.js", "poster.css"].map((name) => join(here, name)),
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  target: ["chrome111", "firefox113", "safari16.4"],
  loader: { ".woff2": "file" },
  assetNames: "fonts/[name]-[hash]",
  chunkNames: "[name]-[hash]",
  legalComments: "linked",
  plugins: [bootstrap],
  logLevel: "info",
};

// The widget stands on other companies' pages: one file, a classic script, no module that it would have to load.
const widget = {
  entryPoints: [join(here, "../../../widget/src/widget.ts")],
  outdir: out,
  bundle: true,
  format: "iife",
  minify: true,
  target: options.target,
  logLevel: "info",
};

rmSync(out, { recursive: true, force: true });
if (process.argv.includes("--watch")) {
  for (const one of [options, widget]) await (await esbuild.context(one)).watch();
}
else {
  for (const one of [options, widget]) await esbuild.build(one);
  for (const name of readdirSync(out).filter((one) => /\.(js|css)$/.test(one)))
    writeFileSync(join(out, `${name}.gz`), gzipSync(readFileSync(join(out, name)), { level: 9 }));
}
