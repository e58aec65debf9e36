// Shapes that ECharts does not bring, by the name that options give as `renderItem: "@name"`. Each takes the page's
// style and the series' own data, and returns a `renderItem`. What each number of a datum means is said by the Python
// that writes it (valence/web/charts).
const color = (style, name) => style.getPropertyValue(name).trim();

// data: [time, low, high] in order; one polygon for all of them, drawn with the first.
const band = (style) => (params, api) => {
  if (params.dataIndex > 0) return null;
  const upper = [];
  const lower = [];
  for (let i = 0; i < params.dataInsideLength; i++) {
    lower.push(api.coord([api.value(0, i), api.value(1, i)]));
    upper.push(api.coord([api.value(0, i), api.value(2, i)]));
  }
  return {
    type: "polygon",
    shape: { points: upper.concat(lower.reverse()) },
    style: { fill: color(style, "--v-chart-band") },
    silent: true,
  };
};

// data: value [low, row, high, shift in px], words, strong. A line with 6 px caps, the figure after it.
const whisker = (style, data) => (params, api) => {
  const item = data[params.dataIndex];
  const shift = api.value(3);
  const [left, middle] = api.coord([api.value(0), api.value(1)]);
  const [right] = api.coord([api.value(2), api.value(1)]);
  const y = middle + shift;
  const drawn = stroke(`M${left} ${y}H${right}M${left} ${y - 3}v6M${right} ${y - 3}v6`, color(style, "--v-text"), 1.25);
  const word = text(item.words, right + 7, y, color(style, item.strong ? "--v-text" : "--v-text-2"), item.strong);
  return { type: "group", children: item.none ? [word] : [drawn, word] };
};

// data: value [low, row, high, shift in px], colour, words. A pale bar, the figure after it.
const pill = (style, data) => (params, api) => {
  const item = data[params.dataIndex];
  const [left, middle] = api.coord([api.value(0), api.value(1)]);
  const [right] = api.coord([api.value(2), api.value(1)]);
  const y = middle + api.value(3);
  const shape = { x: left, y: y - 4, width: Math.max(right - left, 2), height: 8, r: 4 };
  const bar = { type: "rect", shape, style: { fill: item.colour, opacity: 0.26 }, silent: true };
  return { type: "group", children: [bar, text(item.words, right + 7, y, color(style, "--v-text"), true)] };
};

// data: [cause time, cause lane, effect time, effect lane, cause shift, effect shift, inferred, root, distance].
const arrow = (style) => (_params, api) => {
  const [x1, lane1] = api.coord([api.value(0), api.value(1)]);
  const [x2, lane2] = api.coord([api.value(2), api.value(3)]);
  const root = api.value(7) === 1;
  const distance = api.value(8);
  if (Math.abs(lane2 - lane1) < 30 && x2 - x1 < distance + 18) return null;
  const { path, tip, angle } = arrowPath(x1, lane1 + api.value(4), x2, lane2 + api.value(5), distance);
  const paint = color(style, root ? "--v-harm-mark" : "--v-text-2");
  const shaft = stroke(path, paint, root ? 2 : 1.5, api.value(6) === 1 ? [4, 3] : null);
  const head = {
    type: "path",
    shape: { pathData: "M-8 -4 0 0 -8 4z" },
    style: { fill: paint },
    x: tip[0],
    y: tip[1],
    rotation: -angle,
    silent: true,
  };
  return { type: "group", children: [shaft, head] };
};

// Along the cause's lane, then over to the effect; straight inside a lane; an S where there is no room for a corner.
function arrowPath(x1, y1, x2, y2, distance) {
  const down = y2 > y1 ? 1 : -1;
  if (Math.abs(y2 - y1) < 30) {
    const tip = [x2 - 9, y2];
    return { path: `M${x1 + distance} ${y1}L${tip[0] - 5} ${tip[1]}`, tip, angle: 0 };
  }
  const tip = [x2, y2 - 10 * down];
  const angle = (down * Math.PI) / 2;
  const end = tip[1] - 5 * down;
  if (x2 - x1 < distance + 26) {
    const half = (y1 + y2) / 2;
    return { path: `M${x1} ${y1 + distance * down}C${x1} ${half} ${x2} ${half} ${x2} ${end}`, tip, angle };
  }
  const bend = Math.min(26, Math.abs(y2 - y1) / 2, x2 - x1 - distance);
  const path = `M${x1 + distance} ${y1}H${x2 - bend}Q${x2} ${y1} ${x2} ${y1 + bend * down}V${end}`;
  return { path, tip, angle };
}

// data: value [0, top at the left, top at the right, width in px, meant], words. A band from left to right.
const ribbon = (style, data) => (params, api) => {
  const item = data[params.dataIndex];
  const [left, from] = api.coord([0, api.value(1)]);
  const [right, to] = api.coord([1, api.value(2)]);
  const wide = api.value(3);
  const [start, end, half] = [left + 10, right - 10, (left + right) / 2];
  const path =
    `M${start} ${from}C${half} ${from} ${half} ${to} ${end} ${to}` +
    `V${to + wide}C${half} ${to + wide} ${half} ${from + wide} ${start} ${from + wide}z`;
  const meant = api.value(4) === 1;
  const fill = color(style, meant ? "--v-harm-mark" : "--v-chart-mute");
  const opacity = meant ? 0.58 : 0.42;
  const shape = { type: "path", shape: { pathData: path }, style: { fill, opacity }, emphasis: { style: { opacity: opacity + 0.2 } } };
  return { type: "group", children: [shape, text(item.words, start + 8, from + wide / 2, color(style, "--v-text"), true)] };
};

// data: value [side 0 or 1, top, bottom], name, losses, narrow. A bar with its name and count beside or above it.
const node = (style, data) => (params, api) => {
  const item = data[params.dataIndex];
  const side = api.value(0);
  const [x, top] = api.coord([side, api.value(1)]);
  const [, bottom] = api.coord([side, api.value(2)]);
  const shape = { x: side ? x - 10 : x, y: top, width: 10, height: bottom - top, r: 2 };
  const bar = { type: "rect", shape, style: { fill: color(style, "--v-text-2") }, silent: true };
  return { type: "group", children: [bar, ...nodeWords(style, item, side, x, top, bottom)] };
};

function nodeWords(style, item, side, x, top, bottom) {
  const strong = color(style, "--v-text");
  const align = item.narrow === Boolean(side) ? "right" : "left";
  if (item.narrow) return [halo(text(`${item.name} ${item.losses}`, x, top - 9, strong, true, align), style)];
  const at = side ? x + 8 : x - 8;
  const middle = (top + bottom) / 2;
  if (bottom - top < 30) return [text(`${item.name}  ${item.losses}`, at, middle, strong, true, align)];
  return [
    text(item.name, at, middle - 8, strong, true, align),
    text(`${item.losses} lost`, at, middle + 9, color(style, "--v-text-2"), false, align),
  ];
}

function stroke(pathData, paint, lineWidth, lineDash = null) {
  return { type: "path", shape: { pathData }, style: { stroke: paint, lineWidth, lineDash, fill: "none" }, silent: true };
}

function text(words, x, y, fill, strong, align = "left") {
  const font = `${strong ? 540 : 420} 12px ${getComputedStyle(document.documentElement).getPropertyValue("--v-font")}`;
  return { type: "text", style: { text: words ?? "", x, y, fill, font, align, verticalAlign: "middle" }, silent: true };
}

function halo(words, style) {
  Object.assign(words.style, { stroke: color(style, "--v-surface"), lineWidth: 4 });
  return words;
}

// data: [position, low, high]. An upright line with 6 px caps.
const standing = (style) => (_params, api) => {
  const [x, low] = api.coord([api.value(0), api.value(1)]);
  const [, high] = api.coord([api.value(0), api.value(2)]);
  return stroke(`M${x} ${low}V${high}M${x - 3} ${low}h6M${x - 3} ${high}h6`, color(style, "--v-text"), 1.25);
};

export const renderers = { arrow, band, node, pill, ribbon, whisker, standing };
