// Draws the charts. What is drawn is decided by the server: options as JSON beside each chart. In them a string that
// names a CSS variable ("--v-harm-mark") becomes its value, `renderItem: "@name"` a shape of renderers.js, and
// {"@map": {..}} a function from a value to its words. `wide` is drawn from 420 px of room, else `narrow`.
import { BarChart, CustomChart, LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, MarkLineComponent, TitleComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import { renderers } from "./renderers.js";

echarts.use([
  AriaComponent, BarChart, CustomChart, GridComponent, LabelLayout, LineChart, MarkLineComponent, ScatterChart,
  SVGRenderer, TitleComponent,
]);

const NARROW = 420;
const drawn = new Map();

export function drawCharts(where = document) {
  for (const [box, drawing] of drawn)
    if (!box.isConnected) {
      drawing.stop();
      drawn.delete(box);
    }
  for (const box of where.querySelectorAll("[data-chart]")) if (!drawn.has(box)) drawn.set(box, drawing(box));
}

document.addEventListener("valence:theme", () => {
  for (const { paint } of drawn.values()) paint(true);
});

function drawing(box) {
  const spec = JSON.parse(document.getElementById(box.dataset.chart).textContent);
  let chart = null;
  let layout = "";
  const paint = (anew = false) => {
    if (!box.clientWidth) return;
    const wanted = spec.narrow && box.clientWidth < NARROW ? "narrow" : "wide";
    if (wanted !== layout) box.style.height = `${wanted === "narrow" ? spec.narrow_height : spec.height}px`;
    chart ??= start(box);
    chart.resize();
    if (anew || wanted !== layout) chart.setOption(finished(spec[wanted], spec.label), true);
    layout = wanted;
  };
  const watcher = new ResizeObserver(() => paint());
  watcher.observe(box);
  paint();
  const stop = () => {
    watcher.disconnect();
    chart?.dispose();
  };
  return { paint, stop };
}

function start(box) {
  const chart = echarts.init(box, null, { renderer: "svg" });
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);
  chart.on("mousemove", (event) => showTip(tip, event));
  chart.on("mouseout", () => (tip.hidden = true));
  chart.on("click", ({ data }) => data?.href && location.assign(data.href));
  return chart;
}

function showTip(tip, { data, event }) {
  if (!data?.tip) return;
  tip.textContent = data.tip;
  tip.hidden = false;
  const { clientX, clientY } = event.event;
  tip.style.left = `${Math.max(8, Math.min(clientX + 12, innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${Math.max(8, Math.min(clientY + 14, innerHeight - tip.offsetHeight - 8))}px`;
}

function finished(options, label) {
  const style = getComputedStyle(document.documentElement);
  const common = { animation: false, aria: { enabled: true, label: { description: label } } };
  return { ...common, ...resolved(options, style) };
}

function resolved(value, style) {
  if (typeof value === "string") return withColours(value, style);
  if (Array.isArray(value)) return value.map((item) => resolved(item, style));
  if (value === null || typeof value !== "object") return value;
  if (value["@map"]) return (tick) => value["@map"][String(tick)] ?? "";
  if (value["@strong"]) return (name) => (value["@strong"][name] ? `{strong|${name}}` : name);
  const out = {};
  for (const [key, item] of Object.entries(value)) out[key] = resolved(item, style);
  if (typeof out.renderItem === "string") out.renderItem = renderers[out.renderItem.replace("@", "")](style, out.data);
  return out;
}

function withColours(words, style) {
  if (words.startsWith("--v-")) return style.getPropertyValue(words).trim();
  return words.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
}
