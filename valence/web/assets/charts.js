// Draws the charts. What is drawn is decided by the server: options as JSON beside each chart, colours as var(--name).
// `wide` is drawn from 640 px of room, else `narrow` where there is one.
import { BarChart, CustomChart, LineChart, SankeyChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  DatasetComponent,
  GraphicComponent,
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
  MarkPointComponent,
  TitleComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import { renderers } from "./renderers.js";

echarts.use([
  AriaComponent, BarChart, CustomChart, DatasetComponent, GraphicComponent, GridComponent, LabelLayout, LineChart,
  MarkAreaComponent, MarkLineComponent, MarkPointComponent, SankeyChart, ScatterChart, SVGRenderer, TitleComponent,
]);

const NARROW = 560;
const drawn = new Map();

export function drawCharts(where = document) {
  for (const [box, chart] of drawn)
    if (!box.isConnected) {
      chart.dispose();
      drawn.delete(box);
    }
  for (const box of where.querySelectorAll("[data-chart]")) if (!drawn.has(box)) begin(box);
}

function begin(box) {
  const spec = JSON.parse(document.getElementById(box.dataset.chart).textContent);
  let narrow = null;
  const paint = () => {
    const isNarrow = Boolean(spec.narrow) && box.clientWidth > 0 && box.clientWidth < NARROW;
    if (!box.clientWidth) return;
    if (isNarrow !== narrow) box.style.height = `${(isNarrow && spec.narrow_height) || spec.height}px`;
    const chart = drawn.get(box) ?? start(box);
    chart.resize();
    if (isNarrow !== narrow) chart.setOption(finished(isNarrow ? spec.narrow : spec.wide, spec), true);
    narrow = isNarrow;
  };
  box.style.height = `${spec.height}px`;
  new ResizeObserver(paint).observe(box);
  document.addEventListener("valence:theme", () => {
    narrow = null;
    if (box.isConnected) paint();
  });
  paint();
}

function start(box) {
  const chart = echarts.init(box, null, { renderer: "svg" });
  drawn.set(box, chart);
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  box.append(tip);
  chart.on("mouseover", (event) => showTip(tip, event));
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

function finished(options, spec) {
  const style = getComputedStyle(document.documentElement);
  const common = {
    animation: false,
    textStyle: { fontFamily: style.getPropertyValue("--v-font"), fontSize: 12 },
    aria: { enabled: true, label: { description: spec.label } },
  };
  return { ...common, ...resolved(options, style) };
}

// Colours become what the theme says now; `renderItem` becomes the function of that name.
function resolved(value, style) {
  if (typeof value === "string")
    return value.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
  if (Array.isArray(value)) return value.map((item) => resolved(item, style));
  if (value === null || typeof value !== "object") return value;
  const out = {};
  for (const [key, item] of Object.entries(value))
    out[key] = key === "renderItem" ? renderers[item](style) : resolved(item, style);
  return out;
}
